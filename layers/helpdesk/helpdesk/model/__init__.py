"""The desk's nouns, as frozen values.

Only shapes live here. What may be done with them is in the package of the same noun; how they are
stored is in `storage`. Times are aware and in UTC. Ids are small integers that fit 32 bits.
"""
