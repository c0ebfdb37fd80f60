// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/mounts.hpp"

#include <optional>

#include "controller/base/text.hpp"

namespace trueup::dockerfile {
namespace {

constexpr std::string_view mount_flag = "--mount=";

// bind is the type where none is named.
std::optional<BindMount> bind_mount(std::string_view options) {
    BindMount mount;
    for (const std::string_view option : base::split(options, ',')) {
        const std::size_t equals = option.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = option.substr(0, equals);
        const std::string_view value = option.substr(equals + 1);
        if (name == "type" && value != "bind") return std::nullopt;
        if (name == "from") mount.from = value;
        if (name == "source" || name == "src") mount.source = value;
    }
    return mount;
}

}    // namespace

std::vector<BindMount> bind_mounts(const Instruction& run) {
    std::vector<BindMount> mounts;
    for (const std::string_view flag : run.flags) {
        if (!flag.starts_with(mount_flag)) continue;
        if (auto mount = bind_mount(flag.substr(mount_flag.size())))
            mounts.push_back(std::move(*mount));
    }
    return mounts;
}

}    // namespace trueup::dockerfile
