"""`make soak`: load and faults together, then paper, print servers and Odoo compared label by label.

factory.py     the processes: two Odoo on one database, four print servers, fifteen virtual printers, and the network
               between them (network.py) that can lose, delay, cut and repeat
people.py      users who print, cancel, move, copy, retry, and look at the paper before they answer
faults.py      what goes wrong, from a list that a seed decides
watch.py       when each end was known at the print server and in Odoo
ledgers.py     what the three places keep of each label; `services/lifecycle/label_ledgers.py` has the rules
report.py      the table, build/soak.json, and the history of labels that do not agree
"""

import sys

from scripts import places

# Last, as for the unit tests: then `services` is imported without Odoo.
sys.path.append(str(places.CHECKOUT / "label_print_monitor"))
