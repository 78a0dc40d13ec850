"""Reports as text, JSON and JUnit: each a pure function of the report, in which every row of it is counted."""
