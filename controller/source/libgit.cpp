// SPDX-License-Identifier: Apache-2.0
#include "controller/source/libgit.hpp"

#include <array>

namespace trueup::source::libgit {

void init() {
    static const int initialised = [] {
        git_libgit2_init();
        for (const git_config_level_t level :
             {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
              GIT_CONFIG_LEVEL_GLOBAL}) {
            git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
        }
        return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    }();
    static_cast<void>(initialised);
}

std::string last_message() {
    const git_error* error = git_error_last();
    std::string text =
        error != nullptr && error->message != nullptr ? error->message : "unknown error";
    while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

int last_class() {
    const git_error* error = git_error_last();
    return error == nullptr ? 0 : error->klass;
}

std::string to_hex(const git_oid& id) {
    std::array<char, GIT_OID_HEXSZ> text{};
    git_oid_fmt(text.data(), &id);
    return std::string(text.data(), text.size());
}

Result<Repository> open_around(const std::string& directory) {
    init();
    git_repository* opened = nullptr;
    const int code =
        git_repository_open_ext(&opened, directory.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS, nullptr);
    if (code == 0) return Repository(opened);
    return Error(code == GIT_ENOTFOUND ? Errc::not_found : Errc::unavailable,
                 fmt::format("{} lies in no git repository", directory));
}

Result<Repository> open_repository(const std::string& path) {
    git_repository* opened = nullptr;
    const int code =
        git_repository_open_ext(&opened, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    if (code == 0) return Repository(opened);
    return Error(code == GIT_ENOTFOUND ? Errc::not_found : Errc::unavailable, last_message());
}

}    // namespace trueup::source::libgit
