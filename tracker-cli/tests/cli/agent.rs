//! An agent: rmcp's own client, and the real binary behind its pipes.

use std::process::Stdio;

use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, ReadResourceRequestParams, ResourceContents},
    service::RunningService,
};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    runtime::Runtime,
};

use super::support::Store;

pub(crate) struct Agent {
    runtime: Runtime,
    client: RunningService<RoleClient, ()>,
    _child: Child,
}

/// What a call was answered.
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Agent {
    pub(crate) fn of(store: &Store) -> Self {
        Self::with(store, &[])
    }

    /// An agent for whom `tracker mcp` was started with these arguments.
    pub(crate) fn with(store: &Store, args: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut command = Command::from(store.command(&["mcp"]));
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.kill_on_drop(true);
        let (client, child) = runtime.block_on(async {
            let mut child = command.spawn().unwrap();
            let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
            (().serve(pipes).await.unwrap(), child)
        });
        Self { runtime, client, _child: child }
    }

    /// The tools as JSON, as they are listed.
    pub(crate) fn tools(&self) -> Vec<Value> {
        let tools = self.runtime.block_on(self.client.list_all_tools()).unwrap();
        tools.iter().map(|tool| serde_json::to_value(tool).unwrap()).collect()
    }

    pub(crate) fn tool_names(&self) -> Vec<String> {
        self.tools().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Calls a tool; an error of the protocol if there is none of this name.
    pub(crate) fn try_call(&self, name: &str, given: &Value) -> Result<Told, String> {
        let given = given.as_object().unwrap().clone();
        let asked = CallToolRequestParams::new(name.to_owned()).with_arguments(given);
        let answered = self.runtime.block_on(self.client.call_tool(asked));
        let answered = answered.map_err(|error| error.to_string())?;
        let [content] = answered.content.as_slice() else { panic!("{answered:?}") };
        let text = content.as_text().unwrap().text.clone();
        Ok(Told { text, is_error: answered.is_error == Some(true) })
    }

    /// What a tool answers that succeeds.
    #[track_caller]
    pub(crate) fn call(&self, name: &str, given: &Value) -> Value {
        let told = self.try_call(name, given).unwrap();
        assert!(!told.is_error, "{name} {given}: {}", told.text);
        told.json()
    }

    /// The error and the hint of a call that fails.
    #[track_caller]
    pub(crate) fn refuses(&self, name: &str, given: &Value) -> (String, String) {
        let told = self.try_call(name, given).unwrap();
        assert!(told.is_error, "{name} {given}: {}", told.text);
        let words = |key: &str| told.json()[key].as_str().unwrap().to_owned();
        (words("error"), words("hint"))
    }

    /// The addresses of all resources.
    pub(crate) fn resources(&self) -> Vec<String> {
        let resources = self.runtime.block_on(self.client.list_all_resources()).unwrap();
        resources.into_iter().map(|resource| resource.uri).collect()
    }

    pub(crate) fn read(&self, uri: &str) -> String {
        let asked = ReadResourceRequestParams::new(uri);
        let read = self.runtime.block_on(self.client.read_resource(asked)).unwrap();
        let [ResourceContents::TextResourceContents { text, .. }] = read.contents.as_slice() else {
            panic!("{read:?}")
        };
        text.clone()
    }

    /// What a client puts before its model.
    pub(crate) fn instructions(&self) -> String {
        self.client.peer_info().unwrap().instructions.clone().unwrap()
    }
}
