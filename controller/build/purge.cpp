// SPDX-License-Identifier: Apache-2.0
// A Dockerfile FROM the image whose RUN instructions remove the files. Paths are hex in lists of
// words: no shell, no expansion, nothing to quote. Portions keep lines below BuildKit's 64 KiB.
#include "controller/build/purge.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/build/context_tar.hpp"
#include "controller/dockerfile/context.hpp"

namespace trueup::build {
namespace {

constexpr std::size_t portion_bytes = 40U << 10U;

// Removes the files that the arguments name, as hex, and that are still there.
constexpr std::string_view removal_script = R"python(
import os, sys
for path in sys.argv[1:]:
    try:
        os.unlink(bytes.fromhex(path))
    except FileNotFoundError:
        pass
)python";

class NoTree final : public model::Tree {
public:
    Result<model::TreeEntry> stat(std::string_view path) const override { return none(path); }
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        return none(path);
    }
    Result<std::string> read(std::string_view path, std::size_t /*limit*/) const override {
        return none(path);
    }

private:
    static Error none(std::string_view path) {
        return Error(Errc::not_found, fmt::format("{}: no commit is needed", path));
    }
};

// A context that is in memory already.
class TextSource final : public engine::ByteSource {
public:
    explicit TextSource(std::string bytes) : bytes_(std::move(bytes)) {}
    Task<std::string> read() override { co_return std::exchange(bytes_, std::string()); }

private:
    std::string bytes_;
};

std::string run_line(const boost::json::array& words) {
    return "RUN " + boost::json::serialize(words) + "\n";
}

boost::json::array command_of(const std::string& program) {
    boost::json::array words;
    if (program.empty()) {
        for (const char* word : {"rm", "-f", "--"}) words.emplace_back(word);
        return words;
    }
    words.emplace_back(program);
    for (const char* word : {"-I", "-S", "-B", "-c"}) words.emplace_back(word);
    words.emplace_back(removal_script);
    return words;
}

std::string without_expansion(std::string_view text) {
    std::string plain;
    for (const char letter : text) {
        if (letter == '$' || letter == '\\') plain += '\\';
        plain += letter;
    }
    return plain;
}

Result<std::string> context_of(std::string dockerfile_text, std::string& name) {
    dockerfile::Context context;
    context.dockerfile_text = std::move(dockerfile_text);
    name = dockerfile_in_tar(context);
    std::string tar;
    const auto written =
        write_context_tar(context, NoTree(), SystemTime(), [&](std::string_view bytes) {
            tar += bytes;
            return true;
        });
    if (!written) return written.error();
    return tar;
}

struct Settings {
    std::string user;
    bool on_build = false;
};

Settings settings_of(const boost::json::object& image) {
    Settings settings;
    const boost::json::value* config = image.if_contains("Config");
    if (config == nullptr || !config->is_object()) return settings;
    const boost::json::value* user = config->get_object().if_contains("User");
    if (user != nullptr && user->is_string()) settings.user = user->get_string().c_str();
    const boost::json::value* triggers = config->get_object().if_contains("OnBuild");
    settings.on_build =
        triggers != nullptr && triggers->is_array() && !triggers->get_array().empty();
    return settings;
}

}    // namespace

std::string purge_dockerfile(const PurgeInputs& inputs, const std::string& user) {
    const bool other_user = !user.empty() && user != "0" && user != "root";
    std::string text = fmt::format("FROM {}\n", inputs.reference);
    if (other_user) text += "USER 0\n";
    boost::json::array words = command_of(inputs.program);
    const std::size_t own = words.size();
    std::size_t bytes = 0;
    for (const std::string& file : inputs.files) {
        std::string word = inputs.program.empty() ? file : base::to_hex(file);
        if (words.size() > own && bytes + word.size() > portion_bytes) {
            text += run_line(words);
            words.resize(own);
            bytes = 0;
        }
        bytes += word.size() + 3;
        words.emplace_back(std::move(word));
    }
    text += run_line(words);
    if (other_user) text += fmt::format("USER {}\n", without_expansion(user));
    return text;
}

Task<std::string> purge_image(engine::Engine& engine, PurgeInputs inputs,
                              engine::Progress progress) {
    const auto image = co_await engine.inspect_image_raw(inputs.image_id);
    if (!image) co_return image.error();
    const Settings settings = settings_of(*image);
    if (settings.on_build) {
        co_return Error(Errc::invalid,
                        "the image has ONBUILD instructions, which a further layer would run: its "
                        "bytecode must be left out by its own Dockerfile");
    }
    engine::BuildRequest request;
    auto context = context_of(purge_dockerfile(inputs, settings.user), request.dockerfile);
    if (!context) co_return context.error();
    request.reference = inputs.reference;
    request.platform = inputs.platform;
    request.network = "none";
    TextSource source(std::move(*context));
    auto purged = co_await engine.build_image(std::move(request), source, std::move(progress));
    if (!purged) co_return purged.error();
    if (*purged != inputs.image_id) {
        // In use, or named otherwise too: then it stays.
        const auto removed = co_await engine.remove_image(inputs.image_id);
        if (!removed && removed.error().code() == Errc::cancelled) co_return removed.error();
    }
    co_return purged;
}

}    // namespace trueup::build
