"""A browser for sign-in pages: follows forms and redirects as a person with a browser would.

It knows no page of ours. It reads whatever form is there, types the code, the name and the password
into the fields that ask for them, presses the button that agrees, and goes on until no form is left.
Where a real browser would refuse, it refuses too: a certificate that is not trusted, a form or a
redirect after a form that the page's `form-action` does not allow, cookies of other hosts. It tells
the server as much as a real browser does: `Origin` is `null` where the page asks for no referrer.
"""

import argparse
import html.parser
import http.cookiejar
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_PAGES = 12


class Refused(Exception):
    """A person could not go on here."""


class Page(html.parser.HTMLParser):
    """The forms and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.words = []
        self._form = None
        self._button = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = {
                "action": attrs.get("action", ""),
                "method": attrs.get("method", "get").lower(),
                "inputs": [],
                "buttons": [],
            }
            self.forms.append(self._form)
        elif self._form is not None and tag == "input":
            kind = attrs.get("type", "text").lower()
            if kind in ("submit", "image"):
                self._form["buttons"].append({**attrs, "text": attrs.get("value", "")})
            elif kind in ("checkbox", "radio"):
                if "checked" in attrs:
                    self._form["inputs"].append({**attrs, "type": kind})
            elif kind not in ("button", "reset"):
                self._form["inputs"].append({**attrs, "type": kind})
        elif self._form is not None and tag == "button" and attrs.get("type", "submit") == "submit":
            self._button = {**attrs, "text": ""}
            self._form["buttons"].append(self._button)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data):
        self.words.append(data)
        if self._button is not None:
            self._button["text"] += data

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are followed by hand, to judge them first."""

    def redirect_request(self, *_):
        return None


class Browser:
    """One session: its cookies, and what the person knows."""

    def __init__(self, ca, user, password, code=None):
        context = ssl.create_default_context(cafile=ca)
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.jar),
            NoRedirect(),
        )
        self.user = user
        self.password = password
        self.code = code

    def sign_in(self, url):
        """From the first page to the last; returns the text of the last."""
        page, url, headers = self.load("GET", url, None, {}, None)
        for _ in range(MOST_PAGES):
            if not page.forms:
                return page.text
            form, fields = self.fill(page)
            target = urllib.parse.urljoin(url, form["action"])
            self.judge(headers, url, target)
            body = urllib.parse.urlencode(fields)
            if form["method"] == "get":
                target = target.split("?")[0] + "?" + body
                page, url, headers = self.load("GET", target, None, {}, (headers, url))
            else:
                page, url, headers = self.load(
                    "POST", target, body, self.said(headers, url, target), (headers, url)
                )
        raise Refused(f"no end after {MOST_PAGES} pages; the last one says: {page.text[:300]}")

    def fill(self, page):
        """The first form that asks for something we know, or the first that can be sent."""
        form = next((f for f in page.forms if any(i["type"] == "password" for i in f["inputs"])), page.forms[0])
        fields = []
        for field in form["inputs"]:
            name = field.get("name")
            if not name:
                continue
            fields.append((name, self.value(field, name.lower())))
        agree = [b for b in form["buttons"] if not self.declines(b)]
        if form["buttons"] and not agree:
            raise Refused(f"no button that agrees: {page.text[:300]}")
        if agree and agree[0].get("name"):
            fields.append((agree[0]["name"], agree[0].get("value", "")))
        return form, fields

    def value(self, field, name):
        kind, given = field["type"], field.get("value", "")
        if kind in ("hidden", "checkbox", "radio"):
            return given or ("" if kind == "hidden" else "on")
        if kind == "password":
            return self.password
        if "code" in name and self.code is not None:
            return self.code
        if kind == "email" or any(word in name for word in ("user", "login", "upn", "name", "email")):
            return self.user
        return given

    @staticmethod
    def declines(button):
        words = f"{button.get('name', '')} {button.get('value', '')} {button['text']}".lower()
        return any(word in words for word in ("cancel", "deny", "decline", "reject", "other account", "not me"))

    @staticmethod
    def said(headers, url, target):
        """What a browser says of where a form comes from."""
        at, to = urllib.parse.urlsplit(url), urllib.parse.urlsplit(target)
        same = (at.scheme, at.netloc) == (to.scheme, to.netloc)
        hidden = "no-referrer" in (headers.get("Referrer-Policy") or "").split(",")
        said = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": "null" if hidden else f"{at.scheme}://{at.netloc}",
            "Sec-Fetch-Site": "same-origin" if same else "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }
        if not hidden:
            said["Referer"] = url if same else f"{at.scheme}://{at.netloc}/"
        return said

    @staticmethod
    def judge(headers, url, target):
        """Content Security Policy: may a form of this page lead there?"""
        at, to = urllib.parse.urlsplit(url), urllib.parse.urlsplit(target)
        for policy in headers.get_all("Content-Security-Policy") or []:
            rules = [rule.split() for rule in policy.split(";")]
            for rule in rules:
                if not rule or rule[0].lower() != "form-action":
                    continue
                allowed = False
                for source in rule[1:]:
                    source = source.lower()
                    if source == "'self'":
                        allowed |= (at.scheme, at.netloc) == (to.scheme, to.netloc)
                    elif source.endswith(":") or source == "*":
                        allowed |= source in (f"{to.scheme}:", "*")
                    else:
                        wanted = urllib.parse.urlsplit(source)
                        host = (wanted.hostname or "") == (to.hostname or "")
                        port = source.endswith(":*") or wanted.netloc == to.netloc
                        allowed |= wanted.scheme == to.scheme and host and port
                if not allowed:
                    raise Refused(f"the page at {url} forbids a form that leads to {target}: {policy}")

    def load(self, method, url, body, extra, form):
        """A page, over redirects. `form` = headers and address of the page whose form led here."""
        for _ in range(10):
            headers = {
                "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "en",
                **extra,
            }
            data = None if body is None else body.encode()
            request = urllib.request.Request(url, data=data, headers=headers, method=method)
            try:
                answer = self.opener.open(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            if answer.status in (301, 302, 303, 307, 308):
                target = urllib.parse.urljoin(url, answer.headers.get("Location", ""))
                if form is not None:
                    self.judge(form[0], form[1], target)
                url = target
                if answer.status in (301, 302, 303):
                    method, body, extra = "GET", None, {}
                continue
            text = answer.read().decode("utf-8", "replace")
            if answer.status >= 400:
                raise Refused(f"{method} {url}: {answer.status}: {Page(text).text[:500]}")
            return Page(text), url, answer.headers
        raise Refused(f"redirects without end at {url}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("person", help="JSON file: ca, user, password, log")
    parser.add_argument("url")
    args = parser.parse_args()
    with open(args.person, encoding="utf-8") as file:
        person = json.load(file)
    try:
        said = Browser(person["ca"], person["user"], person["password"]).sign_in(args.url)
    except (Refused, OSError) as error:
        said = f"refused: {error}"
    with open(person["log"], "w", encoding="utf-8") as file:
        file.write(said)
    sys.exit(1 if said.startswith("refused") else 0)


if __name__ == "__main__":
    main()
