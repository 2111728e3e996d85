/** What queueing theory knows exactly. The simulation uses it where a load is steady, and is held against it elsewhere. */

/** Part of the arrivals that find all servers busy in a system without waiting (Erlang B: any service time). */
export const erlangB = (offered: number, servers: number): number => {
  if (offered <= 0) return 0;
  let blocked = 1;
  for (let server = 1; server <= servers; server += 1) blocked = (offered * blocked) / (server + offered * blocked);
  return blocked;
};
