// What the container's health check runs: whether the hub, its database and its queue answer.
const port = (process.env.FAIRWAY_HTTP ?? ':7070').split(':').at(-1);
const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
process.exit(response?.ok ? 0 : 1);
