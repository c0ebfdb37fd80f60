// SPDX-License-Identifier: Apache-2.0
// An engine in front of another one that counts calls, fails the k-th, or is gone after the k-th, as
// for a controller that was killed there.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "controller/engine/engine.hpp"

namespace trueup::rollout::test {

class InterruptedEngine final : public engine::Engine {
public:
    explicit InterruptedEngine(engine::Engine& inner) : inner_(inner) {}

    int fail_call = 0;          // the number of the call that fails, from 1; 0 = none
    bool fail_after = false;    // the failing call has its effect, and its answer is lost
    int gone_after = -1;        // after so many calls the controller is dead; -1 = never
    std::vector<std::string> calls;

    Task<engine::EngineInfo> info() override { return inner_.info(); }
    Task<std::vector<model::ObservedContainer>> list_containers(
        engine::ContainerFilter filter) override {
        return inner_.list_containers(std::move(filter));
    }
    Task<model::ObservedContainer> inspect_container(std::string id) override {
        return call("inspect " + id, inner_.inspect_container(id));
    }
    Task<boost::json::object> inspect_container_raw(std::string id) override {
        return call("inspect " + id, inner_.inspect_container_raw(id));
    }
    Task<std::string> create_container(std::string name, boost::json::object body) override {
        return call("create " + name, inner_.create_container(name, std::move(body)));
    }
    Task<void> start_container(std::string id) override {
        return call("start " + id, inner_.start_container(id));
    }
    Task<void> stop_container(std::string id, std::optional<Seconds> timeout) override {
        return call("stop " + id, inner_.stop_container(id, timeout));
    }
    Task<void> restart_container(std::string id, std::optional<Seconds> timeout) override {
        return call("restart " + id, inner_.restart_container(id, timeout));
    }
    Task<void> kill_container(std::string id, std::string signal) override {
        return call("kill " + id, inner_.kill_container(id, std::move(signal)));
    }
    Task<void> unpause_container(std::string id) override {
        return call("unpause " + id, inner_.unpause_container(id));
    }
    Task<void> rename_container(std::string id, std::string name) override {
        return call("rename " + id + " to " + name, inner_.rename_container(id, name));
    }
    Task<void> update_restart_policy(std::string id, model::RestartPolicy policy) override {
        return call("restart policy " + id + " " + policy.name,
                    inner_.update_restart_policy(id, policy));
    }
    Task<void> remove_container(std::string id, bool force, bool volumes) override {
        return call(fmt::format("remove {}{}", id, volumes ? " with volumes" : ""),
                    inner_.remove_container(id, force, volumes));
    }
    Task<std::string> container_logs(std::string id, int lines) override {
        return call("logs " + id, inner_.container_logs(id, lines));
    }
    Task<void> read_archive(std::string id, std::string path, engine::ByteSink& sink) override {
        return call("archive " + id, inner_.read_archive(id, std::move(path), sink));
    }
    Task<void> write_archive(std::string id, std::string path, std::string tar) override {
        return call("write " + id, inner_.write_archive(id, std::move(path), std::move(tar)));
    }
    Task<int> run_in_container(std::string id, engine::ExecRequest request) override {
        return call("run in " + id, inner_.run_in_container(id, std::move(request)));
    }
    Task<engine::ExecResult> read_from_container(std::string id, engine::ExecRequest request,
                                                 std::size_t limit) override {
        return call("read from " + id, inner_.read_from_container(id, std::move(request), limit));
    }
    Task<std::vector<engine::ChangedPath>> container_changes(std::string id) override {
        return call("changes " + id, inner_.container_changes(id));
    }
    Task<std::vector<model::ObservedNetwork>> list_networks() override {
        return inner_.list_networks();
    }
    Task<std::string> create_network(boost::json::object body) override {
        return call("create network", inner_.create_network(std::move(body)));
    }
    Task<void> connect_network(std::string id, boost::json::object body) override {
        return call("connect to " + id, inner_.connect_network(id, std::move(body)));
    }
    Task<void> remove_network(std::string id) override {
        return call("remove network " + id, inner_.remove_network(id));
    }
    Task<std::vector<model::ObservedVolume>> list_volumes() override {
        return inner_.list_volumes();
    }
    Task<void> create_volume(boost::json::object body) override {
        return call("create volume", inner_.create_volume(std::move(body)));
    }
    Task<std::vector<model::ObservedImage>> list_images() override { return inner_.list_images(); }
    Task<model::ObservedImage> inspect_image(std::string reference) override {
        return call("inspect image " + reference, inner_.inspect_image(reference));
    }
    Task<boost::json::object> inspect_image_raw(std::string reference) override {
        return inner_.inspect_image_raw(std::move(reference));
    }
    Task<void> tag_image(std::string id, std::string reference) override {
        return call("tag " + reference, inner_.tag_image(std::move(id), reference));
    }
    Task<void> remove_image(std::string id) override {
        return call("remove image " + id, inner_.remove_image(id));
    }
    Task<std::string> import_image(std::string reference, std::string tar) override {
        return call("import " + reference, inner_.import_image(reference, std::move(tar)));
    }
    Task<void> pull_image(std::string reference, engine::Progress progress,
                          std::optional<engine::RegistryCredentials> credentials,
                          std::string platform) override {
        return call("pull " + reference,
                    inner_.pull_image(reference, std::move(progress), std::move(credentials),
                                      std::move(platform)));
    }
    Task<std::string> build_image(engine::BuildRequest request, engine::ByteSource& context,
                                  engine::Progress progress) override {
        const std::string name =
            "build " + request.reference + (request.no_cache ? " without cache" : "");
        return call(name, inner_.build_image(std::move(request), context, std::move(progress)));
    }
    Task<void> stream_events(engine::EventFilter filter, std::function<void()> opened,
                             std::function<void(engine::Event)> received) override {
        return inner_.stream_events(std::move(filter), std::move(opened), std::move(received));
    }

private:
    template <class T>
    Task<T> call(std::string what, Task<T> task) {
        calls.push_back(std::move(what));
        const int number = static_cast<int>(calls.size());
        if (gone_after >= 0 && number > gone_after)
            co_return Error(Errc::cancelled, "the controller was killed");
        if (number == fail_call && !fail_after) co_return Error(Errc::unavailable, "made to fail");
        auto done = co_await std::move(task);
        if (number == fail_call) co_return Error(Errc::unavailable, "made to fail");
        co_return done;
    }

    engine::Engine& inner_;
};

}    // namespace trueup::rollout::test
