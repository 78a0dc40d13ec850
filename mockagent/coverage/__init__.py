"""What of the protocol a set of sessions exercises, and what it does not. Pure: values in, values out.

`rows` says what there is to exercise, `seen` what a session did of it, `walk` goes to every cell by itself, and
`report` holds the one against the other.
"""
