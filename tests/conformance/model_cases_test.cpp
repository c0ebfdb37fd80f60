// SPDX-License-Identifier: Apache-2.0
// Whole projects: what `trueup compose config` prints must be the recorded model, and what Compose refuses
// must be refused with a place. The same files as a commit must load, or be refused as not supported: a
// value that cannot be read twice would tell of it here. Which refusals those may be stands in known.hpp.
#include <boost/json.hpp>
#include <algorithm>
#include <cstdio>
#include <set>

#include "controller/compose/config.hpp"
#include "controller/compose/print.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/differences.hpp"
#include "tests/conformance/tally.hpp"

namespace trueup::conformance {
namespace {

constexpr std::string_view work_directory = "/cases/project";

class ComposeModels : public ComposeCases {
protected:
    void run(const std::string& kind);
    void TearDown() override {
        if (!folder_.empty()) std::printf("%zu of them are refused as a commit\n", refused_);
    }

    std::size_t refused_ = 0;
};

Result<compose::Config> config_of(const Case& test) {
    test::MemoryTree tree;
    for (const auto& [path, content] : test.inputs.at("files").as_object())
        tree.add("cases/project/" + std::string(path), text_of(content));
    compose::ConfigOptions options;
    options.working_directory = work_directory;
    options.environment = string_map(test.inputs, "env");
    options.environment.emplace("HOME", "/home/user");
    options.environment.emplace("PWD", work_directory);
    options.files = strings(test.inputs, "compose_files");
    options.profiles = strings(test.inputs, "profiles");
    options.variable_files = strings(test.inputs, "env_files");
    options.services = strings(test.inputs, "services");
    if (const auto* name = test.inputs.if_contains("project_name"))
        options.project_name = text_of(*name);
    return compose::load_config(tree, options);
}

std::string shown(const Case& test, const std::string& message) {
    std::string text;
    for (const auto& [path, content] : test.inputs.at("files").as_object())
        text += "-- " + std::string(path) + "\n" + text_of(content) + "\n";
    return text + json::serialize(test.inputs.contains("env") ? test.inputs.at("env") : nullptr) +
           "\n" + message;
}

// A name that was given beside the files has no place in them, nor has a folder without any.
bool has_places(const Error& error) {
    const Problems& problems = error.problems();
    return std::all_of(problems.begin(), problems.end(), [](const Problem& it) {
        return !it.position.file.empty() || it.message.find("project name") != std::string::npos;
    });
}

std::vector<std::string> check(const Case& test, const Result<compose::Config>& config) {
    if (test.must_fail()) {
        if (config) return {"it must be refused"};
        if (!has_places(config.error())) return {"a problem has no place"};
        return {};
    }
    if (!config) return {"it is refused"};
    json::value printed = compose::to_json(config->project.file, compose::PrintStyle::json);
    std::string text = json::serialize(printed);
    replace_all(text, work_directory, "${WORKDIR}");
    replace_all(text, "\"/cases", "\"${WORKDIR}/..");
    std::vector<std::string> found = differences(json::parse(text), test.expected.at("model"));
    if (test.expected.contains("disabled_services") &&
        config->project.disabled != strings(test.expected, "disabled_services"))
        found.emplace_back("disabled services differ");
    return found;
}

// The first problem of a refused commit that no reason is known for.
std::string unexplained(const Error& error) {
    const auto has_reason = [](const std::string& text) {
        return std::any_of(refusals_of_commits.begin(), refusals_of_commits.end(),
                           [&](const auto& known) { return text.find(known.first) != text.npos; });
    };
    if (error.problems().empty() && !has_reason(error.message())) return error.message();
    for (const Problem& problem : error.problems()) {
        if (!has_reason(to_string(problem))) return to_string(problem);
    }
    return {};
}

void ComposeModels::run(const std::string& kind) {
    Tally tally(kind);
    for (const Case& test : read(kind)) {
        const auto config = config_of(test);
        tally.count(test.name, check(test, config),
                    shown(test, config ? "" : config.error().message()) + "\nwanted " +
                        json::serialize(test.expected));
        const auto project = load_case(test);
        if (project) {
            EXPECT_TRUE(config) << test.name;
        } else if (config) {
            ++refused_;
            const std::string odd = unexplained(project.error());
            EXPECT_EQ(odd, "") << shown(test, "");
        }
    }
}

// A list that nobody reads any more hides what it once was for.
TEST_F(ComposeModels, AreThereForEveryKnownName) {
    std::set<std::string> names;
    for (const char* kind : {"authored", "dotenv", "engine_create", "interpolation", "merge",
                             "model", "port_short", "schema", "spec_example", "volume_short"}) {
        for (const Case& test : read(kind)) names.insert(test.name);
    }
    for (const auto& [name, reason] : known_differences) EXPECT_TRUE(names.contains(name)) << name;
    for (const auto& [name, reason] : knowingly_refused) EXPECT_TRUE(names.contains(name)) << name;
}

TEST_F(ComposeModels, OfTheUpstreamTests) { run("model"); }
TEST_F(ComposeModels, OfTheSpecificationsExamples) { run("spec_example"); }
TEST_F(ComposeModels, WrittenForTheAttributes) { run("authored"); }

}    // namespace
}    // namespace trueup::conformance
