// SPDX-License-Identifier: Apache-2.0
// The Docker Engine in domain words: one interface, two implementations (the real one over HTTP,
// the in-memory fake of the tests) that pass one contract suite. API 1.41 (engine 20.10) is the
// floor; field names follow the Engine API reference.
//
// Errors of every call: unavailable (cannot connect, 5xx, connection lost), timeout, not_found
// (404), conflict (409), invalid (400), denied (401, 403), cancelled. The message is the engine's own.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/task.hpp"
#include "controller/model/observed.hpp"

namespace trueup::engine {

struct EngineInfo {
    std::string
        id;    // the engine's own id (/info ID): tells a replaced engine from a restarted one
    std::string version;        // "20.10.24"
    std::string api_version;    // the negotiated one: "1.41"
    std::string os;
    std::string architecture;
    std::optional<SystemTime> time;    // the engine's clock when it answered
    // When it began to run, by its clock; nothing where it has no network "bridge" to tell it. With
    // live-restore an earlier start, whose containers ran on.
    std::optional<SystemTime> started;
};

// A program that is run beside the one of a container.
struct ExecRequest {
    model::Strings command;
    std::string user;           // "" = the container's
    std::string working_dir;    // likewise
    bool privileged = false;
    model::StringMap environment;    // beside the container's
};

struct ExecResult {
    int exit_code = 0;
    std::string output;    // what it printed to stdout
};

// Bytes up: the next chunk, "" at the end.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    virtual Task<std::string> read() = 0;
};

// Bytes down, in order. An error ends the transfer and is what the call returns.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    virtual Task<void> write(std::string chunk) = 0;
};

// One event of the engine's stream: {"Type","Action","Actor":{"ID","Attributes"},"timeNano"}.
struct Event {
    std::string type;      // container | network | volume | image
    std::string action;    // create, start, die, health_status: healthy, exec_die…
    std::string id;    // of the actor: container id, network id, volume name, image id or reference
    model::StringMap attributes;    // labels and details
    std::int64_t time_nano = 0;
};

struct EventFilter {
    std::vector<std::string> types;       // filtered at the server
    std::vector<std::string> actions;     // likewise; the ring of the engine holds 256 events only
    std::optional<std::int64_t> since;    // unix ns: replays what the ring still holds of then
    std::optional<std::int64_t> until;    // unix ns: ends, without an error, once all is told
};

struct ContainerFilter {
    std::vector<std::string> labels;    // "key" or "key=value", all must match
    bool all = true;                    // also those that do not run
};

struct BuildRequest {
    std::string reference;                    // tag of the result
    std::string dockerfile = "Dockerfile";    // path inside the context
    std::string target;
    std::string platform;    // "linux/arm64"; "" = the engine's
    model::StringMap args;
    model::StringMap labels;
    bool no_cache = false;
    model::Strings further_references;    // more tags of the result
    model::Strings cache_from;            // images whose layers may be taken
    model::Strings extra_hosts;           // "host=address"
    std::string network;                  // of RUN: "", "default", "host", "none"
    std::int64_t shm_size = 0;            // bytes; 0 = the engine's default
    std::map<std::string, model::Ulimit> ulimits;
};

// What a registry is shown when an image is pulled. Never in an error, a log or a label.
struct RegistryCredentials {
    std::string username;
    std::string password;
    std::string identity_token;    // instead of both
    std::string server;            // registry host; "" or "docker.io" = Docker Hub
    std::string origin;            // where they were named, for messages; "" = nowhere
};

// What a build or a pull says while it runs: one line of output, or a step's name.
using Progress = std::function<void(const std::string& line)>;

enum class PathChange : std::uint8_t {
    modified = 0,
    added = 1,
    removed = 2
};    // Engine API: Kind
struct ChangedPath {
    std::string path;
    PathChange change = PathChange::modified;
};

class Engine {
public:
    virtual ~Engine() = default;

    virtual Task<EngineInfo> info() = 0;

    // Containers. `id` is an id or a name. A list entry lacks exit_code's exact value (taken from
    // the status text), pid, restart_count, error, oom_killed and finished_at; inspect has all of it.
    virtual Task<std::vector<model::ObservedContainer>> list_containers(ContainerFilter filter) = 0;
    virtual Task<model::ObservedContainer> inspect_container(std::string id) = 0;
    // The engine's whole answer (Engine API: ContainerInspect), for what we have no word for.
    virtual Task<boost::json::object> inspect_container_raw(std::string id) = 0;
    // A member `Platform` of the body names the platform that the image must be of.
    virtual Task<std::string> create_container(std::string name, boost::json::object body) = 0;
    virtual Task<void> start_container(std::string id) = 0;    // running already: success
    virtual Task<void> stop_container(std::string id,
                                      std::optional<Seconds> timeout) = 0;    // stopped: success
    // Stopped as stop_container() does, then started, whoever goes away meanwhile; one that does not
    // run is started.
    virtual Task<void> restart_container(std::string id, std::optional<Seconds> timeout) = 0;
    virtual Task<void> kill_container(std::string id, std::string signal) = 0;
    virtual Task<void> unpause_container(std::string id) = 0;
    virtual Task<void> rename_container(std::string id, std::string name) = 0;
    virtual Task<void> update_restart_policy(std::string id, model::RestartPolicy policy) = 0;
    // force: kills it first. volumes: also its anonymous ones (never named ones).
    virtual Task<void> remove_container(std::string id, bool force, bool volumes) = 0;
    virtual Task<std::string> container_logs(std::string id,
                                             int lines) = 0;    // the last lines, stdout and stderr
    // A tar of `path` (not_found when there is none) into the sink.
    virtual Task<void> read_archive(std::string id, std::string path, ByteSink& sink) = 0;
    // Unpacks a tar at `path`, also of a container that was only created. denied: its root file system
    // is read-only.
    virtual Task<void> write_archive(std::string id, std::string path, std::string tar) = 0;
    // Until the program ends: its exit code. Its output is dropped. conflict: the container does not run.
    virtual Task<int> run_in_container(std::string id, ExecRequest request) = 0;
    // The same, with what it printed to stdout: invalid where that is more than `limit` bytes. A
    // program that is not there is an error or an exit code of 126 or 127, as the engine likes.
    virtual Task<ExecResult> read_from_container(std::string id, ExecRequest request,
                                                 std::size_t limit) = 0;
    // What changed in the writable layer since the container was created.
    virtual Task<std::vector<ChangedPath>> container_changes(std::string id) = 0;

    virtual Task<std::vector<model::ObservedNetwork>> list_networks() = 0;
    virtual Task<std::string> create_network(
        boost::json::object body) = 0;    // conflict: the name exists
    virtual Task<void> connect_network(std::string id, boost::json::object body) = 0;
    virtual Task<void> remove_network(std::string id) = 0;

    virtual Task<std::vector<model::ObservedVolume>> list_volumes() = 0;
    virtual Task<void> create_volume(boost::json::object body) = 0;
    // No remove_volume: trueup never removes a volume.

    virtual Task<std::vector<model::ObservedImage>> list_images() = 0;
    virtual Task<model::ObservedImage> inspect_image(std::string reference) = 0;
    virtual Task<boost::json::object> inspect_image_raw(
        std::string reference) = 0;    // ImageInspect
    virtual Task<void> tag_image(std::string id, std::string reference) = 0;
    // Of a reference that the image has beside others only that goes.
    virtual Task<void> remove_image(std::string id) = 0;
    // An image whose files are those of the tar (small: it is sent whole); returns its id.
    virtual Task<std::string> import_image(std::string reference, std::string tar) = 0;
    // Without credentials those of EngineOptions. denied: the registry wants others.
    virtual Task<void> pull_image(std::string reference, Progress progress,
                                  std::optional<RegistryCredentials> credentials = std::nullopt,
                                  std::string platform = "") = 0;
    // BuildKit from a context tar; returns the image id. A failed step is Errc::invalid and its
    // message ends with the step's last output lines.
    virtual Task<std::string> build_image(BuildRequest request, ByteSource& context,
                                          Progress progress) = 0;

    // Streams events to `until`, or until the connection ends (unavailable) or the task is cancelled. `opened` is
    // called once the engine has accepted the subscription: list after it, and nothing is missed.
    virtual Task<void> stream_events(EventFilter filter, std::function<void()> opened,
                                     std::function<void(Event)> received) = 0;
};

// Of a tcp:// engine. Files are PEM and read for every connection, so a renewed certificate counts.
struct TlsOptions {
    std::string
        authority_file;    // who may have signed the server's; "" = the system's authorities
    std::string certificate_file;    // ours; "" = none is shown
    std::string key_file;            // of certificate_file
    std::string server_name;         // to be found in the server's certificate; "" = the url's host
};

// Of an ssh:// engine: `ssh … docker system dial-stdio`, a child process a connection. Nothing is ever
// asked: the host's key must be known already, ours needs no passphrase or is held by an agent.
struct SshOptions {
    std::string identity_file;       // "" = ssh's own choice
    std::string known_hosts_file;    // "" = ssh's own
    std::string program = "ssh";
};

struct EngineOptions {
    // unix:///var/run/docker.sock, tcp://127.0.0.1:2375, ssh://[user@]host[:port]
    std::string url;
    std::optional<TlsOptions> tls;    // nothing: tcp:// without encryption
    SshOptions ssh;
    Milliseconds connect_timeout{5'000};
    Milliseconds request_timeout{30'000};    // of an ordinary request; stop adds its own timeout
    Milliseconds idle_timeout{300'000};    // of a stream between two chunks (build, pull, archive)
    std::size_t connections = 16;          // pooled, keep-alive
    std::size_t response_limit = 64U << 20U;    // of a JSON answer
    // What the registry of this image is to be shown; nothing: no credentials. May be empty.
    std::function<Task<std::optional<RegistryCredentials>>(std::string reference)> login;
    // Told of every request, for metrics: operation, HTTP status (0: no answer), seconds.
    std::function<void(std::string_view operation, unsigned status, double seconds)> observe;
};

// $DOCKER_HOST, else unix:///var/run/docker.sock.
std::string default_engine_url();
// Of a url, and for tcp:// what $DOCKER_TLS_VERIFY and $DOCKER_CERT_PATH (~/.docker) say, as the docker
// command line reads them: what is not in that folder is not shown.
EngineOptions default_engine_options(std::string url = default_engine_url());

// Errc::invalid for a url that cannot be one. Does not connect yet.
Result<std::unique_ptr<Engine>> make_docker_engine(Executor executor, EngineOptions options);

}    // namespace trueup::engine
