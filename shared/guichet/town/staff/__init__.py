"""Who works for the town, and what each of them may see and do: profiles, units, agents, identities from elsewhere."""
