# Markdown that nobody vouches for, such that it can be read and does nothing: no mention, link,
# picture, HTML, reference or command. What caplint itself writes keeps its look: its folds, its
# entities, and links to files below $link and to the pages of rules.

def zero_width: "\u200b";

# Links to one place, with characters after it that can't end the link early, or lead away from it
# (a browser takes `%2e` for a point), are set aside.
def keep($prefix; $mark):
  split("](" + $prefix)
  | reduce .[1:][] as $part (.[0];
      . + if ($part | test("^[A-Za-z0-9._~/%#-]*\\)")) and ($part | test("^[^)]*(\\.\\.|%2e)"; "i") | not)
          then $part | sub("^(?<rest>[^)]*)\\)"; $mark + .rest + "\ue000")
          else "](" + $prefix + $part end);

def give_back($prefix; $mark): gsub($mark; "](" + $prefix) ;

def replace($from; $to): split($from) | join($to);

def rules: "https://github.com/caplint/caplint/blob/";

[["<details>", "\ue003"], ["</details>", "\ue004"], ["<summary>", "\ue005"], ["</summary>", "\ue006"],
 ["&lt;", "\ue007"], ["&gt;", "\ue008"], ["&amp;", "\ue009"]] as $kept
# Controls, marks that turn or hide text, and the characters that stand for what is kept.
| gsub("[\\x00-\\x08\\x0b-\\x1f\\x7f\\x{200b}-\\x{200f}\\x{2028}-\\x{202e}\\x{2060}-\\x{206f}\\x{e000}-\\x{e00f}\\x{feff}]"; "")
| keep($link; "\ue001")
| keep(rules; "\ue002")
| reduce $kept[] as [$text, $mark] (.; replace($text; $mark))
| replace("&"; "&amp;")
| replace("<"; "&lt;")
| replace("@"; "@" + zero_width)
| gsub("#(?<digit>[0-9])"; "#" + zero_width + .digit)
| gsub("(?<word>gh)-(?<digit>[0-9])"; .word + zero_width + "-" + .digit; "i")
| gsub("(?<word>www)\\."; .word + zero_width + "."; "i")
| replace("://"; ":" + zero_width + "//")
| replace("!["; "!" + zero_width + "[")
| gsub("\\](?<next>[(\\[:])"; "]" + zero_width + .next)
| split("\n") | map(sub("^(?<space>[ \t>]*)/"; .space + zero_width + "/")) | join("\n")
| reduce $kept[] as [$text, $mark] (.; replace($mark; $text))
| give_back($link; "\ue001")
| give_back(rules; "\ue002")
| replace("\ue000"; ")")
| rtrimstr("\n")
