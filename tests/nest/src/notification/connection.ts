// The original names localhost and 6379 here. Each test has a server of its own.
const { hostname, port, password } = new URL(process.env.REDIS_URL!);

export const connection = { host: hostname, port: Number(port), password: decodeURIComponent(password) };
