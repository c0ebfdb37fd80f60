// SPDX-License-Identifier: Apache-2.0
// Engine over HTTP. Inside engine/ only: docker_engine.cpp is the way every request takes,
// docker_objects.cpp the calls that ask and answer once, docker_streams.cpp those that stream.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"

namespace trueup::engine {

class DockerEngine final : public Engine {
public:
    DockerEngine(std::unique_ptr<Transport> transport, EngineOptions options)
        : transport_(std::move(transport)), options_(std::move(options)) {}

    Task<EngineInfo> info() override;
    Task<std::vector<model::ObservedContainer>> list_containers(ContainerFilter filter) override;
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
    Task<void> read_archive(std::string id, std::string path, ByteSink& sink) override;
    Task<void> write_archive(std::string id, std::string path, std::string tar) override;
    Task<int> run_in_container(std::string id, ExecRequest request) override;
    Task<ExecResult> read_from_container(std::string id, ExecRequest request,
                                         std::size_t limit) override;
    Task<std::vector<ChangedPath>> container_changes(std::string id) override;
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
    Task<void> pull_image(std::string reference, Progress progress,
                          std::optional<RegistryCredentials> credentials,
                          std::string platform) override;
    Task<std::string> build_image(BuildRequest build, ByteSource& context,
                                  Progress progress) override;
    Task<void> stream_events(EventFilter filter, std::function<void()> opened,
                             std::function<void(Event)> received) override;

private:
    static constexpr std::size_t small_answer = 1U << 20U;

    Task<HttpResponse> get(std::string operation, std::string target);
    Task<HttpResponse> post(std::string operation, std::string target, boost::json::object body);
    // A POST without a body; 304 (already so) is success.
    Task<void> act(std::string operation, std::string target, Milliseconds extra);
    Task<HttpResponse> call(std::string operation, HttpRequest request, Milliseconds deadline,
                            std::size_t limit);
    // Until the program ends: its exit code.
    Task<int> exec(std::string id, boost::json::object body, ByteSink& output);
    Task<HttpResponse> stream(std::string operation, HttpRequest request, Milliseconds idle,
                              ByteSink& sink, std::function<void(unsigned)> opened);
    void told(const std::string& operation, const Result<HttpResponse>& response,
              std::chrono::steady_clock::time_point began);
    static Result<HttpResponse> checked(Result<HttpResponse> response,
                                        const std::string& operation);
    Task<void> negotiate();

    std::unique_ptr<Transport> transport_;
    EngineOptions options_;
    std::string api_version_;    // "" = not negotiated yet
};

}    // namespace trueup::engine
