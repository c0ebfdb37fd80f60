// SPDX-License-Identifier: Apache-2.0
// What a Stack needs of the controller's host, and the configuration does not allow yet. Blocks.
#pragma once

#include <string>
#include <vector>

namespace trueup::app {

struct HostNeed {
    std::string path;    // absolute
    std::string use;     // for a person: "variables", "bound by service web"
    bool is_folder = false;

    bool operator==(const HostNeed&) const = default;
};

struct HostAccess {
    std::vector<HostNeed> needs;       // that are not allowed
    std::vector<std::string> roots;    // the folders that would allow them, none below another

    bool operator==(const HostAccess&) const = default;
};

// What of `needs` the configuration's `roots` do not allow, also after symbolic links were followed.
HostAccess lacking_access(const std::vector<HostNeed>& needs,
                          const std::vector<std::string>& roots);

// What to write into which file, as YAML: the list whole where the configuration has one, the file
// whole where there is none. "" where nothing is lacking.
std::string to_text(const HostAccess& lacking, const std::vector<std::string>& roots,
                    const std::string& configuration_file, bool file_is_there);

}    // namespace trueup::app
