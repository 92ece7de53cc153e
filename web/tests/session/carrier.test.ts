import { beforeEach, describe, expect, test } from "vitest";
import { CarrierChoice, type Memory } from "../../src/session/carrier.ts";
import { type Events, openHttp } from "../../src/session/http.ts";
import type { Socket } from "../../src/session/link.ts";
import type { Say } from "../../src/wire/messages.ts";

function memory(): Memory {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

describe("the carrier", () => {
  function refuse(choice: CarrierChoice, times: number): boolean {
    let ask = false;
    for (let time = 0; time < times; time += 1) ask = choice.refused();
    return ask;
  }

  test("changes when websockets are refused twice while the door answers, and this tab remembers", () => {
    const kept = memory();
    const choice = new CarrierChoice(kept);
    expect(refuse(choice, 1)).toBe(false);
    choice.doorAnswered();
    expect(choice.now).toBe("websocket");
    expect(refuse(choice, 1)).toBe(true);
    choice.doorAnswered();
    expect(choice.now).toBe("http");
    expect(new CarrierChoice(kept).now).toBe("http");
    expect(new CarrierChoice(memory()).now).toBe("websocket");
  });

  test("stays when the door does not answer either", () => {
    const choice = new CarrierChoice(memory());
    refuse(choice, 20);
    expect(choice.now).toBe("websocket");
  });

  test("that ever worked on this page is never doubted: the appliance may be restarting", () => {
    const choice = new CarrierChoice(memory());
    choice.welcomed();
    expect(refuse(choice, 20)).toBe(false);
    choice.doorAnswered();
    expect(choice.now).toBe("websocket");
  });

  test("goes back when requests fail too", () => {
    const kept = memory();
    kept.setItem("soundmesh.carrier", "http");
    const choice = new CarrierChoice(kept);
    expect(refuse(choice, 3)).toBe(false);
    expect(refuse(choice, 1)).toBe(true);
    choice.doorAnswered();
    expect(choice.now).toBe("websocket");
  });

  test("works without a memory", () => {
    const choice = new CarrierChoice(null);
    refuse(choice, 2);
    choice.doorAnswered();
    expect(choice.now).toBe("http");
  });
});

describe("a socket made of requests and events", () => {
  let acts: Map<string, (event: { data?: unknown }) => void>;
  let closed: boolean;
  let posts: { body: Say; answer: (taken: boolean) => void }[];
  let socket: Socket;
  let seen: unknown[];

  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  const event = (type: string, data?: unknown) => acts.get(type)?.({ data });
  const answer = async (taken: boolean) => {
    posts.at(-1)?.answer(taken);
    await settled();
  };

  beforeEach(() => {
    acts = new Map();
    closed = false;
    posts = [];
    seen = [];
    const events: Events = {
      addEventListener: (type, act) => void acts.set(type, act),
      close: () => {
        closed = true;
      },
    };
    socket = openHttp({
      openEvents: () => events,
      post: (_, body) => new Promise((resolve) => posts.push({ body, answer: resolve })),
    });
    socket.onopen = () => seen.push("open");
    socket.onmessage = ({ data }) => seen.push(data);
    socket.onclose = () => seen.push("close");
  });

  test("is open when it has its name, and hears messages", () => {
    event("carrier", '{"carrier":"abc"}');
    event("message", "one");
    expect(seen).toEqual(["open", "one"]);
  });

  test("sends one numbered batch at a time, in order, and what was said meanwhile with the next", async () => {
    event("carrier", '{"carrier":"abc"}');
    for (const text of ["a", "b", "c"]) socket.send(text);
    await settled();
    expect(posts.map((post) => post.body)).toEqual([{ carrier: "abc", n: 1, frames: ["a"] }]);
    await answer(true);
    expect(posts.at(-1)?.body).toEqual({ carrier: "abc", n: 2, frames: ["b", "c"] });
    await answer(true);
    socket.send("d");
    await settled();
    expect(posts.at(-1)?.body).toEqual({ carrier: "abc", n: 3, frames: ["d"] });
  });

  test("is closed once when a batch is not taken", async () => {
    event("carrier", '{"carrier":"abc"}');
    socket.send("a");
    await settled();
    await answer(false);
    event("error");
    expect(seen).toEqual(["open", "close"]);
    expect(closed).toBe(true);
  });

  test("is closed once when the stream breaks", () => {
    event("carrier", '{"carrier":"abc"}');
    event("error");
    event("error");
    expect(seen).toEqual(["open", "close"]);
    expect(closed).toBe(true);
  });

  test("that is closed still says what was said before, and hears no more", async () => {
    event("carrier", '{"carrier":"abc"}');
    socket.send("leave");
    socket.close();
    await settled();
    expect(closed).toBe(false);
    await answer(true);
    expect(closed).toBe(true);
    event("message", "late");
    expect(seen).toEqual(["open"]);
  });
});
