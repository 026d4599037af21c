// The person's browser: cookies for each host, redirects, and the forms that pages show.

import { request as plain } from "node:http";
import { request as secure } from "node:https";

function ask(url, { method = "GET", headers = {}, body, ca }) {
  const target = new URL(url);
  const send = target.protocol === "https:" ? secure : plain;
  return new Promise((done, failed) => {
    const asked = send(target, { method, headers, ca, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

export class Browser {
  #jars = new Map();
  #ca;

  constructor(ca) {
    this.#ca = ca;
  }

  /** One request, with the cookies of its host. */
  async send(url, more = {}) {
    const host = new URL(url).host;
    const jar = this.#jars.get(host) ?? new Map();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie ? { cookie } : {}), ...more.headers };
    const answer = await ask(url, { ...more, headers, ca: this.#ca });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      const value = pair.slice(at + 1);
      if (value === "" || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), value);
    }
    return { ...answer, url };
  }

  post(url, fields) {
    const body = new URLSearchParams(fields).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
    return this.send(url, { method: "POST", headers, body });
  }

  /** Goes to an address, and on wherever it leads; `fields` fill the forms on the way. */
  async follow(url, fields = {}) {
    let answer = await this.send(url);
    for (let steps = 0; steps < 20; steps += 1) {
      const to = answer.headers.location;
      const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(answer.text);
      if (to !== undefined) {
        answer = await this.send(new URL(to, answer.url).href);
      } else if (form !== null && answer.status === 200) {
        answer = await this.post(new URL(plainText(form[1]), answer.url).href, { ...inputs(form[2]), ...fields });
      } else {
        return answer;
      }
    }
    throw new Error(`no end: ${answer.url}`);
  }
}

function inputs(html) {
  const found = {};
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const value = (name) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1];
    if (value("name") !== undefined) found[value("name")] = plainText(value("value") ?? "");
  }
  return found;
}

function plainText(html) {
  return html.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
