//! Which file of a crate names what of which other, from its syntax. Tests within a file are left out,
//! and a `mod.rs` is no file but a face: a name that comes through it counts for where it is defined.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    Attribute, Item, UseTree,
    visit::{self, Visit},
};

/// A path of names from the crate's root.
type Names = Vec<String>;

/// The sources of a crate.
pub(crate) struct Sources {
    imports: BTreeMap<String, BTreeSet<String>>,
}

/// One file: its module, and what it says.
struct File {
    module: Names,
    /// Names that it takes from elsewhere, under the names that it gives them.
    taken: BTreeMap<String, Names>,
    /// Those of them that others may take from it.
    handed_on: BTreeMap<String, Names>,
    /// All other paths that lead somewhere.
    named: Vec<Names>,
}

impl Sources {
    pub(crate) fn of(crate_name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src");
        let mut files = BTreeMap::new();
        read_folder(&root, &root, &mut files);
        let modules: BTreeMap<Names, String> =
            files.iter().map(|(path, file)| (file.module.clone(), path.clone())).collect();
        let mut imports = BTreeMap::new();
        for (path, file) in files.iter().filter(|(path, _)| !is_face(path)) {
            let taken = file.taken.values().chain(&file.named);
            let homes = taken.filter_map(|names| home(names, &modules, &files));
            let others = homes.filter(|home| home != path && !is_face(home));
            imports.insert(path.clone(), others.collect());
        }
        Self { imports }
    }

    /// For each file those that it imports something of.
    pub(crate) fn imports(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.imports
    }
}

fn is_face(path: &str) -> bool {
    path.ends_with("mod.rs") || path == "lib.rs"
}

/// The file in which what a path leads to is defined.
fn home(
    names: &[String],
    modules: &BTreeMap<Names, String>,
    files: &BTreeMap<String, File>,
) -> Option<String> {
    let mut names = names.to_vec();
    // Each turn goes through one face.
    for _ in 0..8 {
        let depth = (0..=names.len()).rev().find(|depth| modules.contains_key(&names[..*depth]))?;
        let path = &modules[&names[..depth]];
        let next = names.get(depth).and_then(|name| files[path].handed_on.get(name));
        let Some(next) = next else { return Some(path.clone()) };
        names = next.iter().chain(&names[depth + 1..]).cloned().collect();
    }
    None
}

fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<String, File>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if !name.ends_with("tests.rs") && !name.contains("/tests/") {
                let file = File::read(&name, &fs::read_to_string(&path).unwrap());
                files.insert(name, file);
            }
        }
    }
}

impl File {
    fn read(path: &str, text: &str) -> Self {
        let mut module: Names =
            path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let last = module.last().map(String::as_str);
        if last == Some("mod") || matches!(path, "lib.rs" | "main.rs") {
            module.pop();
        }
        let (taken, handed_on) = (BTreeMap::new(), BTreeMap::new());
        let mut file = Self { module, taken, handed_on, named: Vec::new() };
        let syntax = syn::parse_file(text).unwrap();
        for item in &syntax.items {
            if let Item::Use(item) = item
                && !is_for_tests(&item.attrs)
            {
                file.take(
                    &item.tree,
                    &mut Names::new(),
                    !matches!(item.vis, syn::Visibility::Inherited),
                );
            }
        }
        Uses(&mut file).visit_file(&syntax);
        file
    }

    /// Enters what a `use` takes.
    fn take(&mut self, tree: &UseTree, before: &mut Names, is_handed_on: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.take(&path.tree, before, is_handed_on);
                before.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.take(tree, before, is_handed_on);
                }
            }
            UseTree::Name(name) => self.enter(before, &name.ident.to_string(), None, is_handed_on),
            UseTree::Rename(name) => {
                let other = name.rename.to_string();
                self.enter(before, &name.ident.to_string(), Some(other), is_handed_on);
            }
            UseTree::Glob(_) => {}
        }
    }

    fn enter(&mut self, before: &[String], name: &str, other: Option<String>, is_handed_on: bool) {
        let mut names = before.to_vec();
        if name != "self" {
            names.push(name.to_owned());
        }
        let Some(full) = self.absolute(&names) else { return };
        let known_as = other.or_else(|| full.last().cloned()).unwrap_or_default();
        if is_handed_on {
            self.handed_on.insert(known_as.clone(), full.clone());
        }
        self.taken.insert(known_as, full);
    }

    /// A path from the crate's root, if it leads into the crate.
    fn absolute(&self, names: &[String]) -> Option<Names> {
        let (first, rest) = names.split_first()?;
        let mut start = match first.as_str() {
            "crate" => Names::new(),
            "self" => self.module.clone(),
            "super" => {
                let mut parent = self.module.clone();
                parent.pop();
                let ups = rest.iter().take_while(|name| *name == "super").count();
                parent.truncate(parent.len().saturating_sub(ups));
                parent.extend(rest[ups..].iter().cloned());
                return Some(parent);
            }
            // A face names its own children without more.
            _ => self.module.iter().cloned().chain([first.clone()]).collect(),
        };
        start.extend(rest.iter().cloned());
        Some(start)
    }
}

/// Finds paths in code.
struct Uses<'a>(&'a mut File);

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Names = path.segments.iter().map(|part| part.ident.to_string()).collect();
        let first = names.first().map(String::as_str).unwrap_or_default();
        let known = self.0.taken.get(first).filter(|_| names.len() > 1);
        if let Some(known) = known {
            let full = known.iter().chain(&names[1..]).cloned().collect();
            self.0.named.push(full);
        } else if matches!(first, "crate" | "super" | "self") && names.len() > 1 {
            self.0.named.extend(self.0.absolute(&names));
        }
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}
