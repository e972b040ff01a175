//! As much of Rust's syntax as the layers test needs: code without comments and literals, and the paths in it.

/// `text` with the contents of comments, strings and character literals replaced by blanks; lines stay lines.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment_end(&chars, at);
        if end > at {
            code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else if is_word(chars[at]) {
            // Whole words at once, so that the r of `for` does not begin a raw string.
            while at < chars.len() && is_word(chars[at]) {
                code.push(chars[at]);
                at += 1;
            }
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

/// Where the comment or literal that begins at `at` ends; `at` if none begins there.
fn literal_or_comment_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match (chars[at], next) {
        ('/', Some('/')) => position_after(chars, at, |c| c == '\n').map_or(chars.len(), |end| end - 1),
        ('/', Some('*')) => block_comment_end(chars, at),
        ('"', _) => string_end(chars, at),
        ('b' | 'c', Some('"')) => string_end(chars, at + 1),
        ('r', Some('"' | '#')) => raw_string_end(chars, at + 1).unwrap_or(at),
        ('b' | 'c', Some('r')) => raw_string_end(chars, at + 2).unwrap_or(at),
        ('\'', Some('\\')) => position_after(chars, at + 3, |c| c == '\'').unwrap_or(chars.len()),
        // A lifetime has no quote after its first letter.
        ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn position_after(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
    (from..chars.len()).find(|&i| wanted(chars[i])).map(|i| i + 1)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0, at);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], quote: usize) -> usize {
    let mut i = quote + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// `hashes` is where the `#`s (or the quote) of a raw string would begin; `None` if it is none, as in `r#type`.
fn raw_string_end(chars: &[char], hashes: usize) -> Option<usize> {
    let count = chars[hashes..].iter().take_while(|&&c| c == '#').count();
    if chars.get(hashes + count) != Some(&'"') {
        return None;
    }
    let mut i = hashes + count + 1;
    while i < chars.len() {
        if chars[i] == '"' && chars[i + 1..].iter().take_while(|&&c| c == '#').count() >= count {
            return Some(i + 1 + count);
        }
        i += 1;
    }
    Some(chars.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `code` (without comments and literals) with every item under `#[cfg(test)]` replaced by blanks.
pub fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::with_capacity(code.len());
    while let Some(start) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..start]);
        let end = start + item_end(&rest[start..]);
        kept.extend(rest[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    kept + rest
}

/// Where an item that begins with attributes ends: after its `;` or its closing brace.
fn item_end(item: &str) -> usize {
    let mut depth = 0;
    for (i, c) in item.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == ';' || c == '}') {
            return i + c.len_utf8();
        }
    }
    item.len()
}

/// A path as written, groups expanded: `use a::{b, c::d}` gives `a::b` and `a::c::d`.
#[derive(Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<String>,
    /// Counted from 1.
    pub line: usize,
    /// Followed by `!`.
    pub is_macro: bool,
    /// In a `use`.
    pub is_import: bool,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String, usize),
    Separator,
    Other(char),
}

/// All paths in `code`, single names among them.
pub fn paths(code: &str) -> Vec<Path> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    let mut in_use = false;
    while at < tokens.len() {
        let first = found.len();
        at = match &tokens[at] {
            Token::Word(..) => path(&tokens, at, &[], &mut found),
            _ => at + 1,
        };
        for path in &mut found[first..] {
            path.is_import = in_use;
        }
        if first < found.len() {
            in_use = found[first].segments == ["use"];
        }
    }
    found
}

fn tokens(code: &str) -> Vec<Token> {
    let chars: Vec<char> = code.chars().collect();
    let (mut tokens, mut line, mut i) = (Vec::new(), 1, 0);
    while i < chars.len() {
        if is_word(chars[i]) {
            let word: String = chars[i..].iter().take_while(|&&c| is_word(c)).collect();
            i += word.chars().count();
            tokens.push(Token::Word(word, line));
            continue;
        }
        match chars[i] {
            '\n' => line += 1,
            ':' if chars.get(i + 1) == Some(&':') => {
                tokens.push(Token::Separator);
                i += 1;
            }
            c if !c.is_whitespace() => tokens.push(Token::Other(c)),
            _ => {}
        }
        i += 1;
    }
    tokens
}

/// Reads the path (or the tree of a `use`) that begins at `at`; returns where it ends.
fn path(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let mut segments = prefix.to_vec();
    let mut first_line = 0;
    while let Some(Token::Word(word, line)) = tokens.get(at) {
        first_line = *line;
        segments.push(word.clone());
        at += 1;
        if tokens.get(at) != Some(&Token::Separator) {
            break;
        }
        at += 1;
        if tokens.get(at) == Some(&Token::Other('{')) {
            return group(tokens, at + 1, &segments, found);
        }
    }
    let is_macro =
        tokens.get(at) == Some(&Token::Other('!')) && tokens.get(at + 1) != Some(&Token::Other('='));
    found.push(Path { segments, line: first_line, is_macro, is_import: false });
    at
}

fn group(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    while at < tokens.len() {
        at = match &tokens[at] {
            Token::Other('}') => return at + 1,
            Token::Word(word, _) if word == "as" => at + 2,
            Token::Word(..) => path(tokens, at, prefix, found),
            _ => at + 1,
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(code: &str) -> Vec<String> {
        paths(&code_only(code)).into_iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = "a // b\n/* c /* d */ e */ f \"g \\\" h\" r#\"i \" j\"# 'k' '\\'' b\"l\" 'lifetime m";
        assert_eq!(written(text), ["a", "f", "lifetime", "m"]);
        assert_eq!(code_only(text).lines().count(), text.lines().count());
    }

    #[test]
    fn a_word_that_ends_in_r_begins_no_raw_string() {
        assert_eq!(written("for\"text\" x; r#type y"), ["for", "x", "r", "type", "y"]);
    }

    #[test]
    fn groups_are_expanded() {
        assert_eq!(
            written("use a::{self, b, c::{d as e, f}, *}; g::h()"),
            ["use", "a::self", "a::b", "a::c::d", "a::c::f", "g::h"]
        );
    }

    #[test]
    fn macros_and_lines_are_told() {
        let found = paths("x;\nprintln!(y); a != b");
        assert_eq!((found[1].line, found[1].is_macro, found[1].segments[0].as_str()), (2, true, "println"));
        assert!(found.iter().skip(2).all(|path| !path.is_macro));
    }

    #[test]
    fn test_modules_are_left_out() {
        let code = "use a::b;\n#[cfg(test)]\nmod tests { use c::d; fn f() { e::f(); } }\nuse g::h;\n#[cfg(test)]\nuse i::j;\n";
        assert_eq!(written(&without_tests(code)), ["use", "a::b", "use", "g::h"]);
    }
}
