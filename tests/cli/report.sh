#!/bin/bash
# The report: one page that stands alone, whose counts are those of triage, in a real browser.
set -euo pipefail
leaks=1
tests=$(realpath "$(dirname "$0")")
. "$tests/lib.sh"

expect_exit 1 "$bondfuzz" fuzz --subject hmm_v3 --runs 20000 --out all/bad
expect_exit 0 "$bondfuzz" fuzz --subject hmm --runs 300 --out all/good
expect_exit 1 "$bondfuzz" triage --json all
signatures=$(wc -l <"$out")
ops=$("$bondfuzz" list ops --json | grep -c '"subject":"hmm"')
cat >zoo.json <<-'END'
{"defect":"a_defect_<b>","strategy":"portfolio","trials":20,"found":20,"mean":3.5,"median":3,"max":9,"verdict":"leak"}
{"defect":"another","strategy":"portfolio","trials":20,"found":19,"mean":1234.5,"median":1000,"max":20000,"verdict":"dead_use:page"}
END

expect_exit 1 "$bondfuzz" report all -o r.html --zoo zoo.json
expect_line "$err" '^written to r.html'
expect_empty "$out"
cp zoo.json all/zoo.json
expect_exit 1 "$bondfuzz" report all -o -
cmp -s "$out" r.html || fail 'zoo.json of the folder gives another page'
rm all/zoo.json
expect_exit 1 "$bondfuzz" report all -o plain.html
! grep -q 'id="zoo"' plain.html || fail 'a zoo from nowhere'
expect_exit 0 "$bondfuzz" report all/good -o clean.html
expect_line clean.html '<p>None.</p>'

# Nothing is loaded and nothing runs; the name of SVG is a name.
! sed 's#xmlns="http://www.w3.org/2000/svg"##' r.html |
	grep -i '<script\|<link\|<img\|<iframe\|@import\|url(\|https\?:' || fail 'it needs more than itself'
expect_line r.html "Content-Security-Policy.*default-src 'none'"
! grep -q 'a_defect_<b>' r.html || fail 'markup got through'

# ---- what a browser makes of it ----

# counts FILE: how many elements of each kind a page has that was parsed by a browser
counts()
{
	python3 - "$1" <<-'END'
	import html.parser, sys
	class Page(html.parser.HTMLParser):
	    def __init__(self):
	        super().__init__()
	        self.kinds, self.open, self.rows, self.table = {}, [], {}, None
	    def handle_starttag(self, tag, attributes):
	        name = (dict(attributes).get("class") or "").split(" ")[0]
	        if tag == "table":
	            self.table = name or "plain"
	        if tag == "tr":
	            self.rows[self.table] = self.rows.get(self.table, 0) + 1
	        key = tag + ("." + name if name else "")
	        self.kinds[key] = self.kinds.get(key, 0) + 1
	page = Page()
	page.feed(open(sys.argv[1], encoding="utf-8").read())
	k = page.kinds.get
	print("findings", k("details.finding", 0), "letters", k("section.letter", 0), "timelines", k("svg.timeline", 0),
	      "as text", k("pre.letter", 0), "campaigns", k("article.campaign", 0),
	      "curves", k("svg.curve", 0), "lines", k("polyline.runs", 0), "coverage", page.rows.get("coverage", 0),
	      "zoo", page.rows.get("zoo", 0))
	END
}
want="findings $signatures letters $signatures timelines $signatures as text 0 campaigns 2 curves 2 lines 2 coverage $((2 * (ops + 1))) zoo 3"
expect_equal "$(counts r.html)" "$want"
cp r.html shown.html

# A rule's sentence and the line to paste stand once with each finding; no word is broken but behind a separator.
sed '/<pre/,/<\/pre>/d' r.html >words.html
expect_equal "$(grep -ic '^<p>see it again: ' words.html)" "$signatures"
expect_equal "$(grep -c '^<p>a callback runs or starts after unregister returned</p>' words.html)" \
	"$(ls all/bad/findings | grep -c '^callback_after_unregister')"
! grep -q 'anywhere' r.html || fail 'words are broken anywhere'
expect_line r.html '<code>leak:<wbr/>hmm@<wbr/>'

# ---- what was seen last stands first ----

sed -i 's/"last_seen": "[^"]*"/"last_seen": "2100-01-01T00:00:00Z"/' all/bad/findings/missed_release-*/finding.json
expect_exit 1 "$bondfuzz" report all -o last.html
expect_line last.html '<a href="#finding1"><code>missed_release:'
expect_line last.html '<details class="finding" id="finding1" open><summary class="bad"><code>missed_release:'

# ---- a letter that this build cannot draw is text; what a program's comment says stays words ----

leak=$(echo all/bad/findings/leak-hmm-*/minimal.bond)
late=$(echo all/bad/findings/missed_release-*/minimal.bond)
printf '# <script>\342\200\256</pre></section>\377\n' | cat - "$leak" >new.bond && mv new.bond "$leak"
sed -i 's/^subject hmm_v3/subject hmm/' "$late"
expect_exit 1 "$bondfuzz" report all -o r.html --zoo zoo.json
expect_equal "$(counts r.html)" "${want/letters $signatures timelines $signatures as text 0/letters $((signatures - 1)) timelines $((signatures - 1)) as text 1}"
expect_line r.html '^<pre># &lt;script&gt;\\xe2\\x80\\xae&lt;/pre&gt;&lt;/section&gt;\\xff$'

# ---- bad usage ----

expect_exit 2 "$bondfuzz" report all
expect_line "$err" 'use -o'
expect_exit 2 "$bondfuzz" report all -o missing/r.html
expect_line "$err" '^bondfuzz: missing/r.html: '
expect_exit 2 "$bondfuzz" report all -o r.html --zoo missing.json
expect_line "$err" '^bondfuzz: missing.json: '
echo '{"defect":"x"}' >zoo.json
expect_exit 2 "$bondfuzz" report all -o bad.html --zoo zoo.json
expect_line "$err" "^zoo.json: 'found' is missing (row 1)"

# ---- in a real one ----

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)
if [ -z "$browser" ]; then
	echo 'skipped: no chromium to look at the page'
	exit 0
fi
if ! timeout -k 5 90 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/browser" \
	--dump-dom "file://$PWD/shown.html" >dom.html 2>/dev/null; then
	echo 'skipped: chromium does not run here'
	exit 0
fi
expect_equal "$(counts dom.html)" "$want" 'in the browser'
expect_line dom.html "<p id=\"sum\">$signatures signatures in $signatures findings of 2 campaigns; "
expect_line dom.html 'a_defect_&lt;b&gt;'
