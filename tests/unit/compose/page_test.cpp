// SPDX-License-Identifier: Apache-2.0
// docs/compose.md is made from the table of attributes, and must be what the table says now.
// With TRUEUP_WRITE_DOCS set, the test writes the page: `./dev docs`.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "controller/compose/attributes.hpp"
#include "controller/compose/session.hpp"
#include "controller/render/profiles.hpp"
#include "controller/rollout/limits.hpp"

namespace trueup::compose {
namespace {

const char* const path = TRUEUP_SOURCE_DIR "/docs/compose.md";

std::string introduction() {
    static_assert(render::profile_bytes == Limits::read_bytes, "the page has one number for both");
    const yaml::Limits file;
    const Limits all;
    return fmt::format(
        R"(# Compose files

trueup loads compose files as the Compose Specification says: `include`, `extends`, several files and
documents, anchors and merge keys, `!reset` and `!override`, every form of interpolation, profiles, env and
label files. `trueup compose config` prints the model as `docker compose config` does.

This page is made from the table that the loader itself uses (`./dev docs`). For each attribute:

- **yes**: trueup acts on it.
- **no effect**: accepted, and told as a warning. The note says why there is nothing to do.
- **no**: refused with its place. The note says what to use instead.

Nothing is ever ignored silently: any other name is refused, with the nearest known one, and so is every
problem of a file, all at once, as file:line:column. Names that start with `x-` are free everywhere, but for
`x-trueup` in a service.

**What differs from `docker compose`.** Files come from the commit, so `.env` and everything else must be
committed, or named in the Stack. `compose.override.yaml` is a developer's and is not read; that of the Stack's
environment is (`compose.production.yaml`), unless `spec.compose.files`, or else COMPOSE_FILE of the project's
variables, names the files. A bind of a path of the commit is read-only and by content; any other relative path
needs `spec.compose.hostDirectory`, where files of configs and secrets that are not in the commit and devices of
local volumes (`o: bind`) are found, too. A service with a `build` is built from the commit and never pulled.
Owner and mode of a config or secret are honoured for files of the commit, too. A build goes through the
engine's own API, without docker buildx: what only that can do is refused. `pre_stop` hooks run before every
stop that trueup makes, those that the container was made with. A `command` given as one text is refused where a
shell's `; & | < > ( )` stand outside of quotes: no shell reads it, and Compose drops what follows them.

**Pulls.** `missing` (the default), `never` and `build` pull nothing that the engine has. `always` pulls once
for each commit; `daily`, `weekly`, `every_<duration>` and `refresh` with `pull_refresh_after` pull once that
time is over since the last pull. An image that has changed by then replaces its containers.

**One-shots**, services that others wait for with `service_completed_successfully`, or that end by themselves
(`restart: no` or `on-failure`, no ports, no health check), run once for their configuration and image, also
when their container is removed afterwards. One that fails is started again, up to three times in ten minutes
once the stack was deployed. One that was asked to end has not completed, though it exits with 0. Where nobody
heard why it ended it has, if others wait for it; else only if `restart` is written and Docker was not started
since: write `restart: "no"` for a job.

**Dependencies** with `required: false` are waited for, and what fails of them holds nobody up.

**Contents** of bound files, `env_file`, configs and secrets are part of what a container is made with: where
nothing else changed, the plan says `content` and names the file.

**Limits**, refused with a message: {} KiB and {} levels of nesting a file; {} values and {} KiB of a file once
aliases are expanded, {} values of a project; {} files; includes {} levels deep, extends {}; {} services, {}
replicas of each, {} ports of all; {} MiB of env, label and variable files, {} KiB for one of them, or for a seccomp
profile, and {} MiB with its variables put in; variables nested {} deep, {} KiB for one value and {} MiB for all of a
document. {} problems are told, of more the number. A bound folder of the commit may have {} GiB, and a one-shot that
others wait for {} minutes.
)",
        file.bytes / 1024, file.depth, file.nodes, 4 * file.bytes / 1024, all.values, all.files,
        all.include_depth, all.extends_depth, all.services, Limits::replicas, Limits::ports,
        all.variable_bytes >> 20U, Limits::read_bytes >> 10U, Limits::assigned_bytes >> 20U,
        Limits::variable_depth, Limits::value_bytes >> 10U, Limits::document_bytes >> 20U,
        Limits::problems, rollout::bind_bytes >> 30U, rollout::one_shot_time.count());
}

std::string word_for(Support support) {
    switch (support) {
        case Support::supported: return "yes";
        case Support::no_effect: return "no effect";
        case Support::refused: return "no";
    }
    return {};
}

bool is_named(Kind kind) {
    return kind == Kind::named || kind == Kind::named_or_null || kind == Kind::names_or_named ||
           kind == Kind::names_or_named_or_null || kind == Kind::ulimits;
}

struct Place {
    Object object = Object::file;
    std::string path;    // "services.NAME.build."
    Support support = Support::supported;
};

std::string line_of(const Attribute& attribute, const Place& place) {
    // What is refused as a whole is not supported in its parts.
    const bool inherited = place.support != Support::supported;
    const Support support = inherited ? place.support : attribute.support;
    const std::string_view note = inherited ? "" : attribute.note;
    return fmt::format("| `{}` | {} | {} |\n", attribute.name, word_for(support), note);
}

// Each object once, where it is met first.
std::string page() {
    std::string text = introduction();
    std::set<Object> seen{Object::none, Object::file};
    for (std::deque<Place> places{Place()}; !places.empty(); places.pop_front()) {
        const Place place = places.front();
        const ObjectRules& rules = rules_of(place.object);
        const std::string title = place.path.empty() ? "the file itself" : place.path;
        text += fmt::format("\n## {}\n\n| attribute | | |\n| --- | --- | --- |\n", title);
        for (const Attribute& attribute : rules.attributes) {
            text += line_of(attribute, place);
            const Object inner = attribute.extras.inner;
            if (!seen.insert(inner).second) continue;
            const std::string name(attribute.name);
            places.push_back(
                {inner,
                 (place.path.empty() ? name : place.path + "." + name) +
                     (is_named(attribute.kind) ? ".NAME" : ""),
                 place.support == Support::supported ? attribute.support : place.support});
        }
    }
    return text;
}

TEST(ComposePage, IsWhatTheTableSays) {
    const std::string wanted = page();
    if (std::getenv("TRUEUP_WRITE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary) << wanted;
        return;
    }
    std::ifstream stream(path, std::ios::binary);
    const std::string found(std::istreambuf_iterator<char>(stream), {});
    EXPECT_EQ(found, wanted) << "./dev docs writes it anew";
}

}    // namespace
}    // namespace trueup::compose
