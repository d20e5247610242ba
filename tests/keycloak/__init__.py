"""`make keycloak`: agents sign in at the desk by a real Keycloak, which runs on the JRE that the broker runs on."""
