// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/contract/contract.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "tests/support/fake_image.hpp"

namespace trueup::engine::contract {
namespace {

constexpr std::string_view case_label = "dev.trueup.contract";

// The context in chunks, as a build sends it.
class TextSource final : public ByteSource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    Task<std::string> read() override {
        std::string chunk = text_.substr(sent_, 65'536);
        sent_ += chunk.size();
        co_return chunk;
    }

private:
    std::string text_;
    std::size_t sent_ = 0;
};

class TextSink final : public ByteSink {
public:
    Task<void> write(std::string chunk) override {
        text += chunk;
        co_return Result<void>();
    }
    std::string text;
};

std::string unique_prefix() {
    static int count = 0;
    return fmt::format("contract-{}-{}", ::getpid(), ++count);
}

}    // namespace

Contract::Contract() : world(make_world()), engine(world->engine()), prefix(unique_prefix()) {}

Contract::~Contract() { clean_up(); }

void Contract::clean_up() {
    world->mend();
    Engine& direct = world->direct();
    ContainerFilter filter;
    filter.labels.push_back(fmt::format("{}={}", case_label, prefix));
    const auto containers = run(direct.list_containers(filter));
    if (containers) {
        for (const auto& container : *containers)
            run(direct.remove_container(container.id, true, true));
    }
    const auto networks = run(direct.list_networks());
    if (networks) {
        for (const auto& network : *networks) {
            if (network.name.starts_with(prefix)) run(direct.remove_network(network.id));
        }
    }
    const auto images = run(direct.list_images());
    if (!images) return;
    for (const auto& image : *images) {
        for (const std::string& reference : image.references) {
            if (reference.starts_with(prefix)) run(direct.remove_image(reference));
        }
    }
}

bool Contract::eventually(const std::function<bool()>& check) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!check()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        world->io.restart();
        world->io.run_for(Milliseconds(10));
    }
    return true;
}

std::string Contract::create(const std::string& name, boost::json::object body) {
    boost::json::object labels;
    if (const auto* given = body.if_contains("Labels")) labels = given->as_object();
    labels[case_label] = prefix;
    body["Labels"] = std::move(labels);
    const auto id = run(engine.create_container(prefix + "-" + name, std::move(body)));
    EXPECT_TRUE(id) << id.error().message();
    return id ? *id : std::string();
}

std::string Contract::started(const std::string& name, boost::json::object body) {
    const std::string id = create(name, std::move(body));
    const auto done = run(engine.start_container(id));
    EXPECT_TRUE(done) << done.error().message();
    return id;
}

model::ObservedContainer Contract::look(const std::string& id) {
    const auto found = run(engine.inspect_container(id));
    EXPECT_TRUE(found) << found.error().message();
    return found ? *found : model::ObservedContainer();
}

std::string Contract::tar(const std::map<std::string, std::string>& files) {
    std::size_t size = 1U << 20U;
    for (const auto& [name, content] : files) size += content.size() + 4096;
    std::string buffer(size, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    archive_write_set_format_gnutar(writer);
    archive_write_open_memory(writer, buffer.data(), buffer.size(), &used);
    for (const auto& [name, content] : files) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_write_header(writer, entry);
        archive_write_data(writer, content.data(), content.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    buffer.resize(used);
    return buffer;
}

Result<std::string> Contract::build(const std::map<std::string, std::string>& files,
                                    BuildRequest request) {
    if (request.reference.empty()) request.reference = prefix + ":1";
    TextSource source(tar(files));
    return run(engine.build_image(std::move(request), source, nullptr));
}

std::optional<std::string> Contract::file(const std::string& id, const std::string& path) {
    TextSink sink;
    const auto read = run(engine.read_archive(id, path, sink));
    if (!read) return std::nullopt;
    const auto files = test::read_fake_tar(sink.text);
    if (!files || files->size() != 1) return std::nullopt;
    return files->begin()->second;
}

namespace {

boost::asio::awaitable<bool> finish(TaskGroup& tasks) {
    tasks.close();
    co_await tasks.wait();
    co_return true;
}

}    // namespace

ContractCache::ContractCache()
    : tasks(world->io.get_executor()),
      cache(world->io.get_executor(), engine, base::machine_clock()) {
    project.name = prefix;
}

ContractCache::~ContractCache() { run(finish(tasks)); }

boost::json::object ContractCache::of_project(boost::json::object body) const {
    body["Labels"] = {{"com.docker.compose.project", prefix},
                      {"com.docker.compose.service", "api"},
                      {"com.docker.compose.container-number", "1"},
                      {"dev.trueup.owner", "me"},
                      {"dev.trueup.contract", prefix}};
    return body;
}

std::string ContractCache::names() const {
    std::string text;
    for (const auto& container : cache.observe(project).containers)
        text += fmt::format("{} {}\n", container.name.substr(prefix.size() + 1),
                            model::to_string(container.state));
    return text;
}

void ContractCache::follow() {
    tasks.spawn("cache", cache.run());
    ASSERT_TRUE(eventually([&] { return cache.synced(); }));
}

}    // namespace trueup::engine::contract
