"""The page behind a case's link: what it shows, and how it is kept so that only the link opens it.

Written by the notifier as things happen, and once by a migration; opened by the citizen portal.
"""
