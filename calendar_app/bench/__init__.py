"""`./duecast bench`: how late, how fast and how heavy Duecast is on this machine.

The figures come from real processes; this package starts them and asks the simulator what
arrived and when. Only `seeding` touches Django, in a process of its own, so that each instance
is told by its environment alone where its database is.
"""
