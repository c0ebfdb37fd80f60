// SPDX-License-Identifier: Apache-2.0
// A git repository for a test, made and changed with the git program. Reproducible: fixed names and
// times, nobody's configuration.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/temp_directory.hpp"

namespace trueup::support {

// The output of a shell command without its last newline; throws when it fails.
inline std::string run_shell(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) throw std::runtime_error("popen failed: " + command);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), count);
    if (::pclose(pipe) != 0)
        throw std::runtime_error(fmt::format("failed: {}\n{}", command, output));
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
}

class GitRepository {
public:
    explicit GitRepository(std::string path) : path_(std::move(path)) {
        std::filesystem::create_directories(path_);
        git("init -q -b main");
    }

    const std::string& path() const { return path_; }
    std::string url() const { return "file://" + path_; }

    std::string git(const std::string& arguments) const {
        return run_shell(fmt::format(
            "env -i PATH=\"$PATH\" HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Test "
            "GIT_AUTHOR_EMAIL=t@example.com "
            "GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=t@example.com GIT_AUTHOR_DATE='1700000000 "
            "+0000' "
            "GIT_COMMITTER_DATE='1700000000 +0000' git -c safe.directory='*' -C '{}' {} 2>&1",
            path_, arguments));
    }

    void write(const std::string& name, std::string_view content) const {
        write_file(path_ + "/" + name, content);
    }

    // Commits everything as it lies there; gives the commit's id.
    std::string commit(const std::string& subject) const {
        git("add -A");
        git(fmt::format("commit -q --allow-empty -m '{}'", subject));
        return git("rev-parse HEAD");
    }

    std::string commit_files(const std::map<std::string, std::string>& files,
                             const std::string& subject) const {
        for (const auto& [name, content] : files) write(name, content);
        return commit(subject);
    }

private:
    std::string path_;
};

}    // namespace trueup::support
