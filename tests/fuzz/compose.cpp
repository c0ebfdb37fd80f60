// SPDX-License-Identifier: Apache-2.0
// A whole project: as a commit and as files of a disk. Lines "=== PATH" part the files of the input, so
// include, extends, override files and env files are reached. Never throws or hangs; an error says something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/config.hpp"
#include "controller/compose/config_hash.hpp"
#include "controller/compose/load.hpp"
#include "controller/compose/print.hpp"
#include "controller/render/render.hpp"
#include "tests/support/memory_tree.hpp"

namespace {

using namespace trueup;

constexpr std::string_view mark = "=== ";

test::MemoryTree tree_of(std::string_view text, const std::string& folder) {
    test::MemoryTree tree;
    std::string path = folder + "compose.yaml";
    std::string content;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.starts_with(mark)) {
            content += std::string(line) + "\n";
            continue;
        }
        if (!content.empty()) tree.add(path, std::move(content));
        content.clear();
        path = folder + std::string(line.substr(mark.size()));
    }
    tree.add(path, std::move(content));
    return tree;
}

void load_commit(std::string_view text) {
    const auto tree = tree_of(text, "");
    compose::LoadOptions options;
    options.project_name = "shop";
    options.environment = "test";
    options.variables = {{"SET", "value"}};
    const auto project = compose::load(tree, options);
    if (!project) {
        if (project.error().message().empty()) std::abort();
        return;
    }
    for (const auto& [name, service] : project->services) {
        if (render::config_hash(*project, service).empty()) std::abort();
        render::StackIdentity identity;
        render::Creation creation;
        const auto body = render::container_body(*project, service, 1, identity, creation);
        if (!body.contains("HostConfig")) std::abort();
    }
}

void load_disk(std::string_view text) {
    const auto tree = tree_of(text, "work/");
    compose::ConfigOptions options;
    options.working_directory = "/work";
    options.environment = {{"SET", "value"}};
    const auto config = compose::load_config(tree, options);
    if (!config) {
        if (config.error().message().empty()) std::abort();
        return;
    }
    compose::to_json(config->project.file, compose::PrintStyle::yaml);
    const auto* services = config->project.file.find("services");
    if (services == nullptr) return;
    for (const auto& entry : services->entries) compose::compose_config_hash(entry.value);
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    load_commit(text);
    load_disk(text);
    return 0;
}
