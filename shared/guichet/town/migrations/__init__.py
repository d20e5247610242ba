"""What brings a town's folder to the form that this version of Guichet reads: numbered, in order, forward only.

A migration is a module of this package with one pure function, and a row of `table.MIGRATIONS`:

    def run(files: Files) -> Files:   # path in the folder → text; returns those that change, and those that are new

Run twice it does as once. It knows the old form by itself: the models will change again, the migration will not. The
number of the last one stands in town.yaml, `version`. docs/decisions/0051 says why, CONTRIBUTING.md how to write one.
"""
