"""The desk's nouns, as frozen values.

Only data types. Operations on them are in the package with the same noun; how they are stored is in
`storage`. Times are aware and in UTC. Ids are small integers that fit 32 bits.
"""
