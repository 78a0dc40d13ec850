"""Pages: a report, or one recorded session, as one HTML file that needs nothing else. Pure.

Whatever a peer said is escaped here, and the page's own policy lets no script run but its own.
"""
