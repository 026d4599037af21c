"""The built-in Azure roles that the synthetic estate uses.

`pec` says whether Microsoft's table of roles for partner earned credit lists the role as eligible.
`delegable` says whether Azure Lighthouse allows it: no Owner, no User Access Administrator, nothing with data actions.
`weight` is how often the generator picks it.
"""

from typing import NamedTuple


class Role(NamedTuple):
    name: str
    guid: str
    pec: bool
    delegable: bool
    weight: int


ROLES = [
    Role("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", True, False, 8),
    Role("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", True, True, 26),
    Role("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", False, True, 24),
    Role("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", True, False, 3),
    Role("Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", True, True, 8),
    Role("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", False, False, 6),
    Role("Support Request Contributor", "cfd33db0-3dd1-45e3-aa9d-cdbdf3b6f24e", True, True, 3),
    Role("Billing Reader", "fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64", False, True, 3),
    Role("Cost Management Reader", "72fafb9e-0641-4937-9268-a91bfd8191a3", False, True, 4),
    Role("Monitoring Reader", "43d0d8ad-25c7-4714-9337-8ba259a9fe05", False, True, 5),
    Role("SQL DB Contributor", "9b7fa17d-e63e-47b0-bb0a-15c516ac86ec", True, True, 4),
    Role("Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7", True, True, 6),
]

PEC_ELIGIBLE = {role.guid: role.pec for role in ROLES}
