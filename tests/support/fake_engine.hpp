// SPDX-License-Identifier: Apache-2.0
// A Docker Engine in memory: the same interface as the real one, and it passes the same contract
// suite (tests/engine/contract). Deterministic: nothing happens but through calls, and what the real
// engine does by itself (a process that ends, a health check that turns healthy) happens as soon as
// the loop runs, as the image says. A test may let any call fail, lose its answer, or be the last.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/engine/engine.hpp"

namespace trueup::test {

// What a container of an image does once it is started.
struct Behaviour {
    std::optional<int> exits;        // ends at once with this code; nothing = runs on
    bool stays_unhealthy = false;    // with a health check: never healthy
    std::string output;              // what it prints
    bool out_of_memory = false;      // the kernel ends it at once
    std::string start_error;         // why no container of it can be started
};

struct FakeImage {
    std::string id;
    model::Strings references;
    model::StringMap labels;
    std::map<std::string, std::string> files;    // absolute path -> content
    Behaviour behaviour;
    model::Strings on_build{};    // ONBUILD, as Docker keeps it: of its children's builds
};

struct FakeContainer {
    std::string id;
    std::string name;
    boost::json::object body;    // of POST /containers/create
    model::ContainerState state = model::ContainerState::created;
    model::Health health = model::Health::none;
    int exit_code = 0;
    int starts = 0;
    int restarts = 0;           // by its policy, since a call started it
    std::string started_at;     // RFC 3339
    std::string finished_at;    // likewise
    bool oom_killed = false;
    std::string error;    // why it did not start
    model::RestartPolicy restart;
    std::string image_id;
    model::StringMap labels;
    model::StringMap networks;                             // name -> id
    std::map<std::string, model::ObservedMount> mounts;    // by destination
    std::map<std::string, std::string> files;    // absolute path -> content; the test may edit them
};

class FakeEngine final : public engine::Engine {
public:
    explicit FakeEngine(Executor executor) : executor_(std::move(executor)) {}

    // --- what a test sets up and looks at ---

    // The image's id. A reference that another image has moves to this one.
    std::string add_image(FakeImage image);
    // Pulled by POST /images/create only; not on the engine before.
    void add_to_registry(const std::string& reference, FakeImage image);
    // Only with this user name and password, from now on.
    void protect_in_registry(const std::string& reference, const std::string& username,
                             const std::string& password);
    // What a build does beyond its Dockerfile: an old layer, a step that writes. May be empty.
    std::function<void(const engine::BuildRequest&, FakeImage&)> meddles;
    // Of images that builds make, by the text of the file `behaviour` in them: see build_image().
    std::map<std::string, Behaviour> behaviours;

    std::map<std::string, FakeContainer> containers;    // by id
    std::map<std::string, model::ObservedNetwork> networks;
    std::map<std::string, model::ObservedVolume> volumes;
    std::map<std::string, FakeImage> images;
    FakeContainer* find(const std::string& id_or_name);
    // The process ends by itself, or is killed past the engine. No policy restarts it.
    void kill(const std::string& id_or_name, int exit_code = 137);
    // The same, and a restart policy that says so starts it again.
    void crash(const std::string& id_or_name, int exit_code = 1);
    void run_out_of_memory(const std::string& id_or_name);
    // As a person at the engine would, without a call of ours: stop, start, restart, pause, unpause,
    // kill.
    void person(const std::string& verb, const std::string& id_or_name);
    // Ends like dockerd: stops every container, ends every stream, forgets its events. It is back at
    // revive(), and starts those whose policy says so.
    void shut_down();
    // Its clock moves by events alone, and by this.
    void set_time(SystemTime now);
    void pass(Milliseconds time);
    // As if more had happened since than the engine keeps.
    void forget_events() { ring_.clear(); }
    // At the same address, from now on; what it holds is the test's to change.
    void become(const std::string& engine_id) { id_ = engine_id; }

    std::vector<std::string> calls;    // "create shop-api-1", without those that only list
    // Numbers count from 1 at arm(). 0 = never.
    void arm(std::size_t fail_call, bool loses_answer, std::size_t gone_after);
    std::size_t armed_calls() const { return counted_; }
    // How long the engine thinks about a call before it does anything. May be empty.
    std::function<Milliseconds(const std::string& call)> thinks;
    // Every event stream ends, and no call succeeds until revive().
    void disconnect();
    // The same, with another answer.
    void refuse(Error why);
    void revive();
    // Event streams end and cannot be opened, while everything else works, until revive().
    void break_streams();
    std::size_t streams() const { return subscribers_.size(); }

    // --- engine::Engine ---

    Task<engine::EngineInfo> info() override;
    Task<std::vector<model::ObservedContainer>> list_containers(
        engine::ContainerFilter filter) override;
    Task<model::ObservedContainer> inspect_container(std::string id) override;
    Task<boost::json::object> inspect_container_raw(std::string id) override;
    Task<std::string> create_container(std::string name, boost::json::object body) override;
    Task<void> start_container(std::string id) override;
    Task<void> stop_container(std::string id, std::optional<Seconds> timeout) override;
    Task<void> restart_container(std::string id, std::optional<Seconds> timeout) override;
    Task<void> kill_container(std::string id, std::string signal) override;
    Task<void> unpause_container(std::string id) override;
    Task<void> rename_container(std::string id, std::string name) override;
    Task<void> update_restart_policy(std::string id, model::RestartPolicy policy) override;
    Task<void> remove_container(std::string id, bool force, bool volumes) override;
    Task<std::string> container_logs(std::string id, int lines) override;
    Task<void> read_archive(std::string id, std::string path, engine::ByteSink& sink) override;
    Task<void> write_archive(std::string id, std::string path, std::string tar) override;
    // Ends with N where the command's last word is "exit N", else with 0.
    Task<int> run_in_container(std::string id, engine::ExecRequest request) override;
    // As `program` says; without it, it prints what follows "echo " in the command's last word.
    Task<engine::ExecResult> read_from_container(std::string id, engine::ExecRequest request,
                                                 std::size_t limit) override;
    std::function<Result<engine::ExecResult>(const FakeContainer&, const engine::ExecRequest&)>
        program;
    Task<std::vector<engine::ChangedPath>> container_changes(std::string id) override;
    Task<std::vector<model::ObservedNetwork>> list_networks() override;
    Task<std::string> create_network(boost::json::object body) override;
    Task<void> connect_network(std::string id, boost::json::object body) override;
    Task<void> remove_network(std::string id) override;
    Task<std::vector<model::ObservedVolume>> list_volumes() override;
    Task<void> create_volume(boost::json::object body) override;
    Task<std::vector<model::ObservedImage>> list_images() override;
    Task<model::ObservedImage> inspect_image(std::string reference) override;
    Task<boost::json::object> inspect_image_raw(std::string reference) override;
    Task<void> tag_image(std::string id, std::string reference) override;
    Task<void> remove_image(std::string id) override;
    Task<std::string> import_image(std::string reference, std::string tar) override;
    Task<void> pull_image(std::string reference, engine::Progress progress,
                          std::optional<engine::RegistryCredentials> credentials,
                          std::string platform) override;
    // Understands FROM, WORKDIR, COPY and RUN, where `RUN false` fails and `RUN [words]` removes the
    // files that the words name, as they are or as hex. A file of the context named
    // `behaviour` says by its first line which of `behaviours` the image has.
    Task<std::string> build_image(engine::BuildRequest request, engine::ByteSource& context,
                                  engine::Progress progress) override;
    Task<void> stream_events(engine::EventFilter filter, std::function<void()> opened,
                             std::function<void(engine::Event)> received) override;

private:
    struct Subscriber;

    Task<void> enter(std::string what);
    // Whether the answer of this call is to get lost after its effect.
    bool loses_answer();
    template <class T>
    Task<T> call(std::string what, std::function<Result<T>()> work);

    Result<FakeContainer*> container(const std::string& id);
    Result<FakeImage*> image(const std::string& reference);
    // As the engine would write it.
    boost::json::object raw(const FakeContainer& container) const;
    model::ObservedContainer observed(const FakeContainer& container) const;
    Result<std::string> do_create(const std::string& name, boost::json::object body);
    Result<void> do_start(FakeContainer& container);
    Result<void> do_remove(const std::string& id, bool force);
    Result<std::string> do_build(const engine::BuildRequest& request, const std::string& tar);
    void live(const std::string& id, int start);
    void stop(FakeContainer& container, int exit_code);
    void restart_by_policy(FakeContainer& container);
    void emit(const std::string& type, const std::string& action, const std::string& id,
              model::StringMap attributes = {});
    void emit(const FakeContainer& container, const std::string& action,
              model::StringMap details = {});
    std::string new_id(const std::string& kind);
    std::string time() const;    // of the next event

    Executor executor_;
    std::list<Subscriber*> subscribers_;
    std::deque<engine::Event> ring_;    // the last 256, as the engine keeps them
    std::string id_ = "fake";
    bool down_ = false;
    std::set<std::string> revived_;    // containers that the next start of the engine starts
    std::map<std::string, FakeImage> registry_;
    std::map<std::string, std::string> registry_logins_;    // reference -> "user:password"
    bool gone_ = false;
    Error why_gone_{Errc::unavailable, "connect: no such file or directory"};
    bool streams_broken_ = false;
    bool armed_ = false;
    std::size_t fail_call_ = 0;
    bool fail_loses_answer_ = false;
    bool answer_is_lost_ = false;
    std::size_t gone_after_ = 0;
    std::size_t counted_ = 0;
    std::uint64_t next_id_ = 1;
    std::int64_t next_time_ = 1'795'514'400'000'000'000;    // of the next event: 1 ms later each
    std::int64_t began_ = next_time_;
};

}    // namespace trueup::test
