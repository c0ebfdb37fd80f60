// SPDX-License-Identifier: Apache-2.0
// A registry that reads Stack files out of memory.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/reconcile/registry.hpp"
#include "tests/support/manual_clock.hpp"

namespace trueup::reconcile {

using Names = std::vector<std::string>;

inline std::string stack_text(const std::string& name, char commit = 'a',
                              const std::string& project = "", const std::string& engine = "") {
    return fmt::format(
        "apiVersion: trueup.dev/v1alpha1\n"
        "kind: Stack\n"
        "metadata: {{name: {}}}\n"
        "spec:\n"
        "  environment: test\n"
        "  source: {{git: {{url: https://git.example.com/shop.git, commit: {}}}}}\n"
        "{}{}",
        name, std::string(40, commit),
        project.empty() ? "" : fmt::format("  compose: {{project: {}}}\n", project),
        engine.empty() ? "" : fmt::format("  engine: {}\n", engine));
}

class RegistryTest : public testing::Test {
protected:
    explicit RegistryTest(Engines engines = {}) : registry(clock, std::move(engines)) {
        registry.on_change([this](const std::string& name) { told.push_back(name); });
    }

    void put(const std::string& file, const std::string& content) { files[file] = content; }
    Names apply() {
        source::DesiredSnapshot snapshot;
        for (const auto& [name, content] : files) {
            snapshot.files.push_back(
                source::DesiredFile{"/etc/stacks/" + name, "/etc/stacks", content});
        }
        snapshot.unreadable = unreadable;
        snapshot.revision = revision;
        told.clear();
        return registry.apply(snapshot);
    }
    void make_unreadable(const std::string& path) {
        unreadable.push_back(
            Problem{Position{"/etc/stacks" + path, 0, 0}, "permission denied", ""});
    }
    const Entry& entry(const std::string& name) {
        const Entry* found = registry.find(name);
        EXPECT_NE(found, nullptr) << name;
        static const Entry none;
        return found == nullptr ? none : *found;
    }
    std::int64_t generation(const std::string& name) {
        return entry(name).stack.metadata.generation;
    }
    Names invalid_files() const {
        Names names;
        for (const InvalidFile& file : registry.source().invalid_files) names.push_back(file.name);
        return names;
    }

    support::ManualClock clock;
    Registry registry;
    std::map<std::string, std::string> files;
    Problems unreadable;
    std::string revision;
    Names told;
};

}    // namespace trueup::reconcile
