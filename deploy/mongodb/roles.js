// Make or renew the roles of roles.json, one a service; give each service a user of its own with its role alone:
//   mongosh "mongodb://admin@host/admin" deploy/mongodb/roles.js
// "database.collection" → what the role may do there; "database." means the database itself. What is not named is
// refused: nobody may change or remove an entry of `audit`, adapters may not read a key back, ops-console reads nothing.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const roles = JSON.parse(readFileSync(join(__dirname, "roles.json"), "utf8"));
const admin = db.getSiblingDB("admin");

for (const [role, grants] of Object.entries(roles)) {
  const privileges = Object.entries(grants).map(([place, actions]) => {
    const dot = place.indexOf(".");
    return { resource: { db: place.slice(0, dot), collection: place.slice(dot + 1) }, actions };
  });
  if (admin.getRole(role) === null) admin.createRole({ role, privileges, roles: [] });
  else admin.updateRole(role, { privileges, roles: [] });
  print(`${role} is ready`);
}
