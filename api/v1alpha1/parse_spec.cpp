// SPDX-License-Identifier: Apache-2.0
// One function per section of the spec; source and compose, and sync, have files of their own. Every
// field of the design is named: those this version acts on are read, the others may only state
// their default.
#include "api/v1alpha1/parse_spec.hpp"

#include <fmt/format.h>

#include "api/v1alpha1/rules.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

CodeSpec read_code(Reader code, const std::string& project_path) {
    CodeSpec spec;
    code.require("service", "the service of the compose file");
    code.require("from", "the path in the commit, relative to the project directory");
    code.require("to", "the absolute path in the container");
    if (auto service = code.text("service")) spec.service = std::move(service->value);
    if (auto from = code.text("from")) {
        if (from->value.starts_with('/') ||
            !base::normal_path(fmt::format("{}/{}", project_path, from->value))) {
            code.add(from->position,
                     fmt::format("{}: {} is not inside the commit", code.path_of("from"),
                                 in_quotes(from->value)),
                     "write a path relative to the project directory, without leaving the commit");
        }
        spec.from = std::move(from->value);
    }
    if (auto to = code.text("to")) {
        if (!to->value.starts_with('/')) {
            code.add(to->position,
                     fmt::format("{}: {} is not an absolute path", code.path_of("to"),
                                 in_quotes(to->value)),
                     "write the path in the container, beginning with '/'");
        }
        spec.to = std::move(to->value);
    }
    for (Text& pattern : code.texts("ignore")) spec.ignore.push_back(std::move(pattern.value));
    return spec;
}

constexpr std::array<std::pair<std::string_view, BytecodePolicy>, 3> bytecode_policies{
    {{"purge", BytecodePolicy::purge},
     {"reject", BytecodePolicy::reject},
     {"ignore", BytecodePolicy::ignore}}};

void read_build(Reader build, StackSpec& spec) {
    if (const auto mode = build.text("mode")) {
        if (mode->value == "never") {
            spec.build_mode = BuildMode::never;
        } else if (mode->value == "pull") {
            build.add(mode->position, "spec.build.mode: pull is not supported yet by this version",
                      "write build or never");
        } else if (mode->value != "build") {
            build.add(mode->position,
                      fmt::format("spec.build.mode: unknown mode {}", in_quotes(mode->value)),
                      "one of: build, never");
        }
    }
    spec.bytecode = word(build, "bytecode", bytecode_policies, spec.bytecode);
}

void read_rollout(Reader rollout, StackSpec& spec) {
    rollout.only_default("strategy", "auto");
    rollout.only_default("gateway", "auto");
    rollout.only_empty("before");
    rollout.only_empty("steps");
    rollout.only_default("drain", "10s");
    rollout.only_default("rollback", "automatic");
    spec.rollout_timeout = rollout.duration("timeout", std::chrono::seconds(1));
}

void read_engine(Reader& reader, StackSpec& spec) {
    auto engine = reader.text("engine");
    if (!engine) return;
    if (!is_label(engine->value)) {
        reader.add(engine->position,
                   fmt::format("spec.engine: {} is not a valid name", in_quotes(engine->value)),
                   "the name of an engine in the controller's configuration");
    }
    spec.engine = std::move(engine->value);
}

void read_checks(Reader checks) {
    checks.only_empty("image");
    checks.only_empty("running");
    checks.only_empty("monitor");
}

}    // namespace

StackSpec parse_spec(Reader& document) {
    StackSpec spec;
    Reader reader = document.section(
        "spec", {"environment", "engine", "source", "compose", "code", "images", "build", "checks",
                 "rollout", "sync", "adopt", "suspend", "historyLimit", "promotion"});
    reader.require("environment", "for example production");
    reader.require("source", "add source: {git: {url: …, commit: …}}");
    if (auto environment = reader.text("environment")) {
        if (!is_label(environment->value)) {
            reader.add(environment->position,
                       fmt::format("spec.environment: {} is not a valid name",
                                   in_quotes(environment->value)),
                       "lower-case letters, digits and inner '-', at most 63");
        }
        spec.environment = std::move(environment->value);
    }
    read_source(reader.section("source", {"git", "sameRepository", "path"}), spec);
    spec.compose =
        read_compose(reader.section("compose", {"files", "project", "profiles", "variables",
                                                "variableFiles", "hostDirectory"}),
                     spec.path);
    const auto code = reader.list("code");
    for (std::size_t index = 0; index < code.size(); ++index) {
        spec.code.push_back(
            read_code(Reader(*code[index], fmt::format("spec.code[{}]", index),
                             {"service", "from", "to", "ignore"}, reader.problems()),
                      spec.path));
    }
    read_build(reader.section("build", {"mode", "bytecode"}), spec);
    read_checks(reader.section("checks", {"image", "running", "monitor"}));
    read_rollout(reader.section("rollout", {"strategy", "gateway", "before", "steps", "drain",
                                            "timeout", "rollback"}),
                 spec);
    spec.sync = read_sync(
        reader.section("sync", {"mode", "driftCorrection", "grace", "onUnhealthy", "prune",
                                "deletionPolicy", "windows", "dependsOn", "ignore", "interval"}));
    read_engine(reader, spec);
    reader.only_default("images", "pinned");
    spec.adopt = reader.boolean("adopt").value_or(spec.adopt);
    spec.suspend = reader.boolean("suspend").value_or(spec.suspend);
    spec.history_limit = reader.integer("historyLimit", 1, 1'000).value_or(spec.history_limit);
    reader.not_yet("promotion");
    return spec;
}

}    // namespace trueup::v1alpha1
