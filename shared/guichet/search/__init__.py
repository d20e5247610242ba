"""What a search asks, and by which words a text is found. Values alone: who keeps the index is guichet.search_files."""
