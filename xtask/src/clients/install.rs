//! The clients, from their registries, at pinned versions, into a cache outside the clone.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

use crate::bench::cache;
use crate::say;

/// Where the clients are.
pub struct Installed {
    /// The Azure CLI.
    pub az: PathBuf,
    /// The Python that it runs on.
    pub az_python: PathBuf,
    /// Its extensions.
    pub extensions: PathBuf,
    /// A Python with the SDK.
    pub python: PathBuf,
    /// A folder whose scripts find the JavaScript SDK.
    pub js: PathBuf,
}

/// A Python with the packages of `WHAT/requirements.txt`. `None`: `PAL_OFFLINE` is set and they are missing.
pub fn python_with(what: &'static str, scripts: &Path) -> Result<Option<PathBuf>> {
    let Some((cache, tools, _lock)) = begin()? else { return Ok(None) };
    let place = Place::new(&cache, what, scripts, &["requirements.txt"], &tools)?;
    if offline() && !place.is_whole() {
        return Ok(None);
    }
    place.fill(|folder| venv(&tools.python, folder, &place.sources[0]))?;
    Ok(Some(place.folder.join("bin").join("python")))
}

/// A folder with the issuer that plays one elsewhere. `None`: `PAL_OFFLINE` is set and it is missing.
pub fn issuer(scripts: &Path) -> Result<Option<PathBuf>> {
    let Some((cache, tools, _lock)) = begin()? else { return Ok(None) };
    let place =
        Place::new(&cache, "oidc", scripts, &["package.json", "package-lock.json"], &tools)?;
    if offline() && !place.is_whole() {
        return Ok(None);
    }
    place.fill(|folder| npm(folder, &place.sources))?;
    Ok(Some(place.folder))
}

fn offline() -> bool {
    env::var_os("PAL_OFFLINE").is_some_and(|value| value == "1")
}

/// The cache, locked, and what installs into it. `None`: `PAL_OFFLINE` is set and a tool is missing.
fn begin() -> Result<Option<(PathBuf, Tools, File)>> {
    let cache = cache()?.join("clients");
    fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
    // Two runs at once would install into the same folder.
    let lock = File::create(cache.join("lock"))?;
    lock.lock().context("cannot lock the cache of clients")?;
    match Tools::find(offline()) {
        Err(error) if offline() => {
            say(&format!("{error:#}"));
            Ok(None)
        }
        tools => Ok(Some((cache, tools?, lock))),
    }
}

/// Installs what is missing. `None`: `PAL_OFFLINE` is set and something is missing.
pub fn all(scripts: &Path) -> Result<Option<Installed>> {
    let Some((cache, tools, _lock)) = begin()? else { return Ok(None) };
    let az = Place::new(&cache, "az", scripts, &["requirements.txt", "extension.txt"], &tools)?;
    let python = Place::new(&cache, "python", scripts, &["requirements.txt"], &tools)?;
    let js = Place::new(&cache, "js", scripts, &["package.json", "package-lock.json"], &tools)?;
    if offline() && [&az, &python, &js].iter().any(|place| !place.is_whole()) {
        return Ok(None);
    }
    az.fill(|folder| {
        venv(&tools.python, folder, &az.sources[0])?;
        let target = folder.join("extensions").join("managementpartner");
        pip(folder, &["--no-deps", "--target"], &target, &az.sources[1])
    })?;
    python.fill(|folder| venv(&tools.python, folder, &python.sources[0]))?;
    js.fill(|folder| npm(folder, &js.sources))?;
    let bin = |folder: &Path, name: &str| folder.join("bin").join(name);
    Ok(Some(Installed {
        az: bin(&az.folder, "az"),
        az_python: bin(&az.folder, "python"),
        extensions: az.folder.join("extensions"),
        python: bin(&python.folder, "python"),
        js: js.folder,
    }))
}

/// A folder of the cache, named by what was asked for.
struct Place {
    folder: PathBuf,
    sources: Vec<PathBuf>,
    what: &'static str,
}

impl Place {
    fn new(
        cache: &Path,
        what: &'static str,
        scripts: &Path,
        names: &[&str],
        tools: &Tools,
    ) -> Result<Self> {
        let sources: Vec<PathBuf> =
            names.iter().map(|name| scripts.join(what).join(name)).collect();
        let mut asked = tools.version.clone().into_bytes();
        for source in &sources {
            let read = fs::read(source);
            asked.extend(read.with_context(|| format!("cannot read {}", source.display()))?);
        }
        let folder = cache.join(format!("{what}-{:016x}", fingerprint(&asked)));
        Ok(Self { folder, sources, what })
    }

    /// Written last, so its presence says that the folder is whole.
    fn stamp(&self) -> PathBuf {
        self.folder.join("installed")
    }

    fn is_whole(&self) -> bool {
        self.stamp().is_file()
    }

    fn fill(&self, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        if self.is_whole() {
            return Ok(());
        }
        let shown = self.folder.display();
        say(&format!("installing '{}' into {shown}; this can take minutes, once", self.what));
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        install(&self.folder).with_context(|| {
            format!(
                "'{}' cannot be installed, so what needs it was not run. If this machine has no way \
                 to PyPI and npm, set PAL_OFFLINE=1: that leaves it out",
                self.what
            )
        })?;
        fs::write(self.stamp(), "")?;
        Ok(())
    }
}

/// FNV-1a, 64 bit: names a folder, guards nothing.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// What installs the clients.
struct Tools {
    python: PathBuf,
    /// Its version, and that of Node.js: a folder made by another one is of no use.
    version: String,
}

impl Tools {
    fn find(offline: bool) -> Result<Self> {
        let mut python = python();
        if python.is_none() && !offline {
            debian(&["python3", "python3-venv"]);
            python = self::python();
        }
        let (python, version) = python.context(
            "the real clients need Python 3.9 or later with its module venv (Debian: python3-venv)",
        )?;
        let node = || said(Command::new("node").arg("--version"));
        let npm = || said(Command::new("npm").arg("--version"));
        if !offline && (node().is_none() || npm().is_none()) {
            debian(&["nodejs", "npm"]);
        }
        ensure!(npm().is_some(), "the real clients need npm (Debian: npm)");
        let node = node().context("the real clients need Node.js (Debian: nodejs)")?;
        Ok(Self { python, version: format!("{version} {node}") })
    }
}

/// The Python to use: one that the Azure CLI was made for, if there is one; else any.
fn python() -> Option<(PathBuf, String)> {
    let own = env::var("PAL_PYTHON").ok();
    let known = ["python3.12", "python3.11", "python3.10", "python3"];
    own.iter().map(String::as_str).chain(known).find_map(|name| {
        let show = "import venv, ensurepip, sys; assert sys.version_info >= (3, 9); \
                    print(sys.executable, sys.version.split()[0], sep='\\n')";
        let answer = said(Command::new(name).args(["-c", show]))?;
        let (path, version) = answer.split_once('\n')?;
        Some((PathBuf::from(path), version.to_owned()))
    })
}

/// What a command prints, if it succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Installs packages where that is possible without a password: on Debian, as root. Whether it was
/// enough, the caller sees by looking again.
fn debian(packages: &[&str]) {
    let root = said(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root || said(Command::new("apt-get").arg("--version")).is_none() {
        return;
    }
    say(&format!("installing {} by apt-get", packages.join(" ")));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    for command in [
        apt().args(["--quiet", "update"]),
        apt().args(["--quiet", "--yes", "--no-install-recommends", "install"]).args(packages),
    ] {
        if let Err(error) = quiet(command) {
            say(&format!("{error:#}"));
        }
    }
}

fn venv(python: &Path, folder: &Path, requirements: &Path) -> Result<()> {
    quiet(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))?;
    pip(folder, &[], Path::new(""), requirements)
}

fn pip(folder: &Path, options: &[&str], target: &Path, requirements: &Path) -> Result<()> {
    let mut command = Command::new(folder.join("bin").join("python"));
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(options);
    if !target.as_os_str().is_empty() {
        command.arg(target);
    }
    quiet(command.arg("--requirement").arg(requirements))
}

fn npm(folder: &Path, sources: &[PathBuf]) -> Result<()> {
    for source in sources {
        let name = source.file_name().context("a source without a name")?;
        fs::copy(source, folder.join(name))?;
    }
    let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    quiet(Command::new("npm").current_dir(folder).args(options))
}

/// Runs a step whose output matters only when it fails.
fn quiet(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("cannot start `{program}`"))?;
    if !status.success() {
        let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.join("\n");
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n");
        bail!("`{program}` ended with {status}:\n{last}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn other_requirements_get_another_folder() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(fingerprint(b"azure-cli==2.66.0"), fingerprint(b"azure-cli==2.66.1"));
    }
}
