// SPDX-License-Identifier: Apache-2.0
// spec.sync: when what runs is put right, and what is left alone.
#include <fmt/format.h>

#include <array>

#include "api/v1alpha1/parse_spec.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::array<std::pair<std::string_view, SyncMode>, 2> modes{
    {{"automatic", SyncMode::automatic}, {"manual", SyncMode::manual}}};
constexpr std::array<std::pair<std::string_view, DriftCorrection>, 3> corrections{
    {{"enabled", DriftCorrection::enabled},
     {"warn", DriftCorrection::warn},
     {"disabled", DriftCorrection::disabled}}};
constexpr std::array<std::pair<std::string_view, DeletionPolicy>, 2> deletion_policies{
    {{"orphan", DeletionPolicy::orphan}, {"delete", DeletionPolicy::remove}}};

// Only what belongs to one service can be ignored: a network or a volume is never changed in place.
bool is_ignorable(std::string_view pointer) {
    constexpr std::string_view services = "/services/";
    if (!pointer.starts_with(services)) return false;
    const std::string_view rest = pointer.substr(services.size());
    const std::size_t slash = rest.find('/');
    return slash != 0 && slash != std::string_view::npos && slash + 1 < rest.size() &&
           !rest.ends_with('/');
}

// [{paths: [/services/api/environment/DEBUG]}]
std::vector<std::string> read_ignore(Reader& sync) {
    std::vector<std::string> pointers;
    const auto list = sync.list("ignore");
    for (std::size_t index = 0; index < list.size(); ++index) {
        Reader entry(*list[index], fmt::format("spec.sync.ignore[{}]", index), {"paths"},
                     sync.problems());
        entry.require("paths", "for example [/services/api/environment/DEBUG]");
        for (Text& path : entry.texts("paths")) {
            if (!is_ignorable(path.value)) {
                entry.add(path.position,
                          fmt::format("{}: {} names no attribute of a service",
                                      entry.path_of("paths"), in_quotes(path.value)),
                          "write /services/SERVICE/ATTRIBUTE, for example "
                          "/services/api/environment/DEBUG");
            }
            pointers.push_back(std::move(path.value));
        }
    }
    return pointers;
}

}    // namespace

SyncSpec read_sync(Reader sync) {
    SyncSpec spec;
    sync.only_default("onUnhealthy", "report");
    sync.only_empty("windows");
    sync.only_empty("dependsOn");
    spec.mode = word(sync, "mode", modes, spec.mode);
    spec.drift_correction = word(sync, "driftCorrection", corrections, spec.drift_correction);
    spec.grace = sync.duration("grace", std::chrono::seconds(0)).value_or(spec.grace);
    spec.deletion_policy = word(sync, "deletionPolicy", deletion_policies, spec.deletion_policy);
    spec.prune = sync.boolean("prune").value_or(spec.prune);
    spec.ignore = read_ignore(sync);
    spec.interval = sync.duration("interval", std::chrono::seconds(1)).value_or(spec.interval);
    return spec;
}

}    // namespace trueup::v1alpha1
