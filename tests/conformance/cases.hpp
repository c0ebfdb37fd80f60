// SPDX-License-Identifier: Apache-2.0
// Reads recorded cases out of the folder that TRUEUP_COMPOSE_CASES names.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "controller/compose/load.hpp"
#include "tests/support/memory_tree.hpp"

namespace trueup::conformance {

namespace json = boost::json;

inline std::string text_of(const json::value& value) { return std::string(value.as_string()); }

inline model::StringMap string_map(const json::object& object, std::string_view key) {
    model::StringMap map;
    const json::value* found = object.if_contains(key);
    if (found == nullptr) return map;
    for (const auto& [name, value] : found->as_object()) map[name] = text_of(value);
    return map;
}

inline model::Strings strings(const json::object& object, std::string_view key) {
    model::Strings list;
    const json::value* found = object.if_contains(key);
    if (found == nullptr) return list;
    for (const json::value& value : found->as_array()) list.push_back(text_of(value));
    return list;
}

inline void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

struct Case {
    std::string name;
    json::object inputs;
    json::object expected;

    bool must_fail() const {
        const json::value* error = expected.if_contains("error");
        return error != nullptr && error->is_bool() && error->as_bool();
    }
};

// Where the cases lie: the folder that TRUEUP_COMPOSE_CASES names, else one beside the project.
inline std::string case_folder() {
    const char* named = std::getenv("TRUEUP_COMPOSE_CASES");
    if (named != nullptr && *named != '\0') return named;
    const std::string beside = TRUEUP_SOURCE_DIR "/../shared/compose-cases";
    return std::filesystem::is_directory(beside) ? beside : std::string();
}

class ComposeCases : public testing::Test {
protected:
    void SetUp() override {
        folder_ = case_folder();
        if (folder_.empty()) GTEST_SKIP() << "TRUEUP_COMPOSE_CASES names no folder with cases";
    }

    std::vector<Case> read(const std::string& name) {
        std::ifstream stream(folder_ + "/" + name + ".json", std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        EXPECT_FALSE(text.empty()) << "no " << name << ".json in " << folder_;
        std::vector<Case> cases;
        if (text.empty()) return cases;
        const json::value all = json::parse(text);
        for (const json::value& value : all.as_array()) {
            const json::object& object = value.as_object();
            cases.push_back({text_of(object.at("name")), object.at("inputs").as_object(),
                             object.at("expected").as_object()});
        }
        return cases;
    }

    std::string folder_;
};

inline const std::string directory = "project";
// Where binds that are not in the commit lie on the host.
inline const std::string host_directory = "/cases/project";

inline Result<model::Project> load_case(const Case& test) {
    test::MemoryTree tree;
    for (const auto& [path, content] : test.inputs.at("files").as_object())
        tree.add(directory + "/" + std::string(path), text_of(content));
    compose::LoadOptions options;
    options.project_directory = directory;
    options.host_directory = host_directory;
    options.files = strings(test.inputs, "compose_files");
    options.variables = string_map(test.inputs, "env");
    options.profiles = strings(test.inputs, "profiles");
    for (std::string& file : strings(test.inputs, "env_files"))
        options.variable_files.push_back({std::move(file), std::nullopt});
    if (const auto* name = test.inputs.if_contains("project_name"))
        options.project_name = text_of(*name);
    return compose::load(tree, options);
}

// Where it knowingly reads less, and says so: compose.override.yaml is a developer's.
inline bool tells_of_override(const model::Project& project) {
    return std::any_of(
        project.warnings.begin(), project.warnings.end(), [](const Problem& warning) {
            return warning.message.find("plain Compose would read this file") != std::string::npos;
        });
}

// A bind of the commit is materialised: its path on the host is trueup's.
inline bool has_committed_bind(const model::Project& project) {
    for (const auto& [name, service] : project.services) {
        for (const model::Mount& mount : service.mounts) {
            if (mount.in_commit) return true;
        }
    }
    return false;
}

}    // namespace trueup::conformance
