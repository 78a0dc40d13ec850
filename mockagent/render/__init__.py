"""Reports and recorded sessions in every format: pure functions, in which every row is counted."""
