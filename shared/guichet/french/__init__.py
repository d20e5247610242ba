"""What French asks of words that we put together: pages and letters alike. Pure."""
