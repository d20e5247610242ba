"""The citizens’ mail: the queue that hands it to the town, and the sink that takes the town’s."""
