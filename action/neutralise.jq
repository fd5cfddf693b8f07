# Markdown that nobody vouches for, such that it can be read and does nothing: no mention, link,
# picture, HTML, formula, diagram, reference or command. Kept is only what caplint itself writes:
# characters that are seen, its folds and entities, blocks of TOML and diffs, and links to files
# below $link and to its documentation.
#
# `split` and `join` instead of `gsub`, which takes the square of the matches.

def zero_width: "\u200b";

def replace($from; $to): split($from) | join($to);

# Letters, marks, digits, punctuation, symbols and spaces that are seen: no controls, format
# characters, private ones, tags, fillers or variation selectors (but that of caplint's own signs).
def seen:
  explode
  | (reduce (unique[]) as $code ({}; .[$code | tostring] = ([$code] | implode
      | test("^[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} \\t\\n\u00a0\u202f]$")
        and (test("\\p{Default_Ignorable_Code_Point}|\u2800") | not) or . == "\ufe0f"))) as $seen
  | map(select($seen[tostring])) | implode;

# Parts after a text, changed where they begin with a digit.
def split_digits($from; $to):
  split($from)
  | [.[0]] + [.[1:][] | if .[0:1] >= "0" and .[0:1] <= "9" and . != "" then $to + . else $from + . end]
  | join("");

# Links to one place, with characters after it that can't end the link early, or lead away from it
# (a browser takes `%2e` for a point), are set aside.
def keep($prefix; $mark):
  split("](" + $prefix)
  | .[0] + ([.[1:][]
      | if test("^[A-Za-z0-9._~/%#-]*\\)") and (test("^[^)]*(\\.\\.|%2e)"; "i") | not)
        then $mark + sub("\\)"; "\ue000") else "](" + $prefix + . end] | join(""));

def give_back($prefix; $mark): replace($mark; "](" + $prefix);

def docs: "https://github.com/caplint/caplint/blob/main/docs/";

# A block in a language that GitHub draws is shown as text; at the beginning of a line a slash is a
# command to some bots.
def line:
  if test("`{3,}[ \\t]*(toml|diff|text)?[ \\t]*$") then .
  else sub("(?<fence>`{3,})(?<info>[^`]+)$"; .fence + zero_width + .info) end
  | sub("^(?<space>[ \\t>]*)/"; .space + zero_width + "/");

[["<details>", "\ue003"], ["</details>", "\ue004"], ["<summary>", "\ue005"], ["</summary>", "\ue006"],
 ["&lt;", "\ue007"], ["&gt;", "\ue008"], ["&amp;", "\ue009"],
 ["⚠\ufe0f", "\ue00a"], ["ℹ\ufe0f", "\ue00b"]] as $kept
| seen
| keep($link; "\ue001")
| keep(docs; "\ue002")
| reduce $kept[] as [$text, $mark] (.; replace($text; $mark))
| replace("\ufe0f"; "")
| replace("&"; "&amp;")
| replace("<"; "&lt;")
| replace("@"; "@" + zero_width)
# Formulas and tildes, which fence blocks too, are not of caplint.
| replace("$"; "\uff04")
| replace("~~"; "~" + zero_width + "~")
| split_digits("#"; "#" + zero_width)
| reduce (("g", "G") + ("h", "H")) as $word (.; split_digits($word + "-"; $word + zero_width + "-"))
| reduce (("w", "W") + ("w", "W") + ("w", "W")) as $word (.; replace($word + "."; $word + zero_width + "."))
| replace("://"; ":" + zero_width + "//")
| replace("!["; "!" + zero_width + "[")
| reduce ("(", "[", ":") as $next (.; replace("]" + $next; "]" + zero_width + $next))
| split("\n") | map(if test("```|/") then line else . end) | join("\n")
| reduce $kept[] as [$text, $mark] (.; replace($mark; $text))
| give_back($link; "\ue001")
| give_back(docs; "\ue002")
| replace("\ue000"; ")")
| rtrimstr("\n")
