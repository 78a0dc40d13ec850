"""Reports in every format, each a pure function of the report in which every row of it is counted; and recorded sessions."""
