//! A document in Markdown: its fenced blocks, links and headings.

use std::path::Path;

use anyhow::{Context, ensure};

/// A document.
pub struct Page {
    /// Its path from the root.
    pub name: String,
    /// Its whole text.
    pub text: String,
    pub blocks: Vec<Block>,
    /// Links to files and headings of this repository, with their lines.
    pub links: Vec<(usize, String)>,
    /// Headings as link targets.
    pub headings: Vec<String>,
}

/// A fenced block.
pub enum Block {
    /// Commands and what they print.
    Console { steps: Vec<Step> },
    /// A file that commands read.
    File { line: usize, name: String, text: String },
    /// Anything else.
    Other { line: usize, language: String, text: String },
}

/// A command.
pub struct Step {
    /// Its line in the document.
    pub line: usize,
    pub command: String,
    /// What it prints; empty = not shown.
    pub output: Vec<String>,
    /// The status it ends with.
    pub status: i32,
}

impl Page {
    pub fn read(root: &Path, path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let mut page =
            Self { name, text: String::new(), blocks: vec![], links: vec![], headings: vec![] };
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        while let Some((at, line)) = lines.next() {
            let fence: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
            if fence.len() >= 3 {
                let indent = line.len() - line.trim_start().len();
                let marks = line.trim_start().trim_start_matches('`').trim().to_owned();
                let mut inside = String::new();
                loop {
                    let (_, line) = lines
                        .next()
                        .with_context(|| format!("{}:{at}: a block without end", page.name))?;
                    if line.trim() == fence {
                        break;
                    }
                    inside.push_str(line.get(indent..).unwrap_or_default());
                    inside.push('\n');
                }
                page.blocks.push(block(&page.name, at, &marks, inside)?);
            } else {
                if let Some(heading) = line.strip_prefix('#') {
                    page.headings.push(anchor(heading.trim_start_matches('#')));
                }
                page.links.extend(links(line).map(|target| (at, target.to_owned())));
            }
        }
        page.text = text;
        Ok(page)
    }
}

/// As GitHub makes the target of a heading.
fn anchor(heading: &str) -> String {
    let keep = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().chars().filter(keep).collect::<String>().to_ascii_lowercase().replace(' ', "-")
}

/// Targets of links inside this repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?;
        (!target.contains("://") && !target.starts_with("mailto:")).then_some(target)
    })
}

fn block(page: &str, line: usize, marks: &str, text: String) -> anyhow::Result<Block> {
    let mut words = marks.split_whitespace();
    let language = words.next().unwrap_or_default().to_owned();
    if let Some(name) = words.find_map(|word| word.strip_prefix("file=")) {
        return Ok(Block::File { line, name: name.to_owned(), text });
    }
    if language != "console" {
        return Ok(Block::Other { line, language, text });
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut open = false;
    for (at, shown) in text.lines().enumerate() {
        let line = line + at + 1;
        if let Some(step) = steps.last_mut().filter(|_| open) {
            step.command.push('\n');
            step.command.push_str(shown);
            open = shown.ends_with('\\');
        } else if shown == "$ echo $?" {
            steps.push(Step { line, command: shown.into(), output: vec![], status: 0 });
        } else if let Some(command) = shown.strip_prefix("$ ") {
            open = command.ends_with('\\');
            steps.push(Step { line, command: command.into(), output: vec![], status: 0 });
        } else {
            let step = steps.last_mut();
            let step = step.with_context(|| format!("{page}:{line}: output without command"))?;
            step.output.push(shown.to_owned());
        }
    }
    settle(page, &mut steps)?;
    Ok(Block::Console { steps })
}

/// Gives each command the status that an `echo $?` after it shows.
fn settle(page: &str, steps: &mut Vec<Step>) -> anyhow::Result<()> {
    while let Some(at) = steps.iter().position(|step| step.command == "$ echo $?") {
        let echo = steps.remove(at);
        ensure!(at > 0 && echo.output.len() == 1, "{page}:{}: status of what?", echo.line);
        steps[at - 1].status = echo.output[0].parse()?;
    }
    Ok(())
}

/// Whether a text is what is shown, where `...` stands for any lines.
pub fn matches(shown: &[String], text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines_match(shown, &lines)
}

fn lines_match(shown: &[String], lines: &[&str]) -> bool {
    match shown {
        [] => lines.is_empty(),
        [any, rest @ ..] if any.trim() == "..." => {
            (0..=lines.len()).any(|skip| lines_match(rest, &lines[skip..]))
        }
        [first, rest @ ..] => {
            lines.first() == Some(&first.trim_end()) && lines_match(rest, &lines[1..])
        }
    }
}

#[test]
fn blocks_are_read_as_they_are_meant() -> anyhow::Result<()> {
    let text = "$ pal a \\\n  b\nx\n...\nz\n$ pal c\n$ echo $?\n2\n".to_owned();
    let Block::Console { steps } = block("page", 1, "console", text)? else {
        anyhow::bail!("no console")
    };
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].command.as_str(), steps[0].status), ("pal a \\\n  b", 0));
    assert_eq!((steps[1].command.as_str(), steps[1].status), ("pal c", 2));
    assert!(matches(&steps[0].output, "x\ny\ny\nz\n") && matches(&steps[0].output, "x\nz\n"));
    assert!(!matches(&steps[0].output, "x\n") && !matches(&steps[0].output, "x\nz\nz2\n"));
    assert_eq!(anchor(" What is not counted, and why"), "what-is-not-counted-and-why");
    Ok(())
}
