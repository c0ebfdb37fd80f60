// SPDX-License-Identifier: Apache-2.0
//   lock the folder -> open the mirror, or prepare an empty one -> connect -> list the server's
//   references -> download the objects that the mirror lacks -> check that what was asked for is
//   there -> publish the references -> (prepared: adopt it) -> find the commit
// A mirror that is damaged, or that proves so on the way, is left alone while an empty one is
// filled in its place: as long as the server cannot be reached, the old one is all there is.
#include "controller/source/mirror_fetch.hpp"

#include <fmt/format.h>

#include "controller/source/fetch_error.hpp"
#include "controller/source/git_ssh_transport.hpp"
#include "controller/source/libgit.hpp"
#include "controller/source/mirror.hpp"

namespace trueup::source {
namespace {

constexpr std::size_t largest_pack = std::size_t{16} << 30U;
constexpr std::size_t most_references = 200'000;

int on_progress(const git_indexer_progress* progress, void*) {
    return progress->received_bytes > largest_pack ? -1 : 0;
}

// An error of objects on disk, not of the network.
bool is_damage() {
    switch (libgit::last_class()) {
        case GIT_ERROR_ODB:
        case GIT_ERROR_OBJECT:
        case GIT_ERROR_ZLIB:
        case GIT_ERROR_REFERENCE:
        case GIT_ERROR_TREE:
        case GIT_ERROR_TAG:
        case GIT_ERROR_REPOSITORY:
        case GIT_ERROR_CONFIG: return true;
        default: return false;
    }
}

struct Connection {
    std::unique_ptr<SshLink> ssh;    // of an ssh url; outlives the remote
    libgit::Remote remote;
};

class Fetch {
public:
    Fetch(const FetchRequest& request, const v1alpha1::GitUrl& url, std::string mirror,
          git_repository* repository)
        : request_(request),
          url_(url),
          mirror_(std::move(mirror)),
          repository_(repository),
          authorization_(authorization_header(request.credential)) {}

    // The mirror has what the server has, or the reason why not; then is_damaged() tells more.
    Result<void> update();
    bool is_damaged() const { return damaged_; }
    // After update().
    Result<std::string> find();

private:
    Result<Connection> connect() const;
    Result<void> list(const Connection& connection);
    Result<void> download(const Connection& connection,
                          const std::vector<std::string>& specs) const;
    Error error(const Connection& connection, int code) const;
    Result<void> copy_commit() const;
    Result<void> check();
    Result<std::string> find_branch() const;
    bool has(const std::string& id, bool read_it) const;

    const FetchRequest& request_;
    const v1alpha1::GitUrl& url_;
    std::string mirror_;
    git_repository* repository_;
    std::string authorization_;    // an http header, "" = none
    std::vector<MirrorRef> refs_;
    bool damaged_ = false;
};

Error Fetch::error(const Connection& connection, int code) const {
    if (connection.ssh && connection.ssh->error) return *connection.ssh->error;
    return fetch_error(url_, request_.credential, code);
}

// Headers of a request's own: sent with the first request already, so that there is no round of
// "who are you" whose repetition could go on.
git_strarray as_headers(char*& header) {
    return git_strarray{&header, *header == '\0' ? std::size_t{0} : std::size_t{1}};
}

Result<Connection> Fetch::connect() const {
    git_remote_create_options how = GIT_REMOTE_CREATE_OPTIONS_INIT;
    how.repository = repository_;
    how.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    git_remote* made = nullptr;
    const char* address = url_.remote() ? request_.url.c_str() : url_.path.c_str();
    if (const int code = git_remote_create_with_opts(&made, address, &how); code != 0)
        return fetch_error(url_, request_.credential, code);
    Connection connection;
    connection.remote.reset(made);
    git_remote_connect_options options = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;    // none to another host
    char* header = const_cast<char*>(authorization_.c_str());
    options.custom_headers = as_headers(header);
    if (url_.scheme == v1alpha1::GitScheme::ssh) {
        connection.ssh = std::make_unique<SshLink>(url_, request_.credential);
        connect_over_ssh(options, *connection.ssh);
    }
    const int code = git_remote_connect_ext(made, GIT_DIRECTION_FETCH, &options);
    if (code != 0) return error(connection, code);
    return connection;
}

Result<void> Fetch::list(const Connection& connection) {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    if (const int code = git_remote_ls(&heads, &count, connection.remote.get()); code != 0)
        return error(connection, code);
    for (std::size_t index = 0; index < count; ++index) {
        const std::string name = heads[index]->name;
        const bool wanted = name.starts_with(heads_prefix) || name.starts_with(tags_prefix);
        int valid = 0;
        // A peeled tag (v1^{}) is no valid name, and what else is not would damage packed-refs.
        if (!wanted || git_reference_name_is_valid(&valid, name.c_str()) != 0 || valid == 0)
            continue;
        refs_.push_back(MirrorRef{name, libgit::to_hex(heads[index]->oid)});
    }
    if (refs_.empty())
        return Error(Errc::not_found, "the repository is empty: it has no branch yet");
    if (refs_.size() > most_references) {
        return Error(Errc::invalid,
                     fmt::format("the repository has {} branches and tags; at most {} are read",
                                 refs_.size(), most_references));
    }
    return Result<void>();
}

Result<void> Fetch::download(const Connection& connection,
                             const std::vector<std::string>& specs) const {
    std::vector<char*> pointers;
    for (const std::string& spec : specs) pointers.push_back(const_cast<char*>(spec.c_str()));
    const git_strarray array{pointers.data(), pointers.size()};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks.transfer_progress = on_progress;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    char* header = const_cast<char*>(authorization_.c_str());
    options.custom_headers = as_headers(header);
    const int code = git_remote_download(connection.remote.get(), &array, &options);
    if (code != 0) return error(connection, code);
    return Result<void>();
}

bool Fetch::has(const std::string& id, bool read_it) const {
    git_oid oid;
    git_odb* opened = nullptr;
    if (git_oid_fromstr(&oid, id.c_str()) != 0 || git_repository_odb(&opened, repository_) != 0)
        return false;
    const libgit::Odb odb(opened);
    if (!read_it) return git_odb_exists(odb.get(), &oid) == 1;
    git_commit* found = nullptr;
    if (git_commit_lookup(&found, repository_, &oid) != 0) return false;
    const libgit::CommitObject commit(found);
    git_tree* tree = nullptr;
    if (git_commit_tree(&tree, commit.get()) != 0) return false;
    git_tree_free(tree);
    return true;
}

// libgit2 skips the download of what the mirror's indexes list; whether it can be read is another
// matter.
Result<void> Fetch::check() {
    const std::string branch = std::string(heads_prefix) + request_.branch;
    for (const MirrorRef& ref : refs_) {
        if (has(ref.id, ref.name == branch)) continue;
        damaged_ = true;
        return Error(Errc::unavailable, fmt::format("the mirror lacks {} of {}", ref.id, ref.name));
    }
    if (!request_.commit.empty() && has(request_.commit, false) && !has(request_.commit, true)) {
        damaged_ = true;
        return Error(Errc::unavailable,
                     fmt::format("the mirror's commit {} cannot be read", request_.commit));
    }
    return Result<void>();
}

Result<void> Fetch::update() {
    const auto connection = connect();
    if (!connection) return connection.error();
    if (const auto listed = list(*connection); !listed) return listed.error();
    const auto downloaded =
        download(*connection, {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
    if (!downloaded) {
        damaged_ = is_damage();
        return downloaded.error();
    }
    if (const auto checked = check(); !checked) return checked.error();
    return publish_refs(mirror_, refs_);
}

Result<std::string> Fetch::find_branch() const {
    const std::string wanted = std::string(heads_prefix) + request_.branch;
    std::vector<std::string> branches;
    bool is_tag = false;
    for (const MirrorRef& ref : refs_) {
        if (ref.name == wanted) return ref.id;
        if (ref.name.starts_with(heads_prefix))
            branches.push_back(ref.name.substr(heads_prefix.size()));
        if (ref.name == std::string(tags_prefix) + request_.branch) is_tag = true;
    }
    return no_such_branch(request_.branch, std::move(branches), is_tag);
}

// libgit2 cannot ask a local repository for an id, but it can read it.
Result<void> Fetch::copy_commit() const {
    const auto origin = libgit::open_repository(url_.path);
    if (!origin) return origin.error();
    git_oid id;
    git_revwalk* walk = nullptr;
    git_packbuilder* pack = nullptr;
    if (git_oid_fromstr(&id, request_.commit.c_str()) != 0 ||
        git_revwalk_new(&walk, origin->get()) != 0) {
        return fetch_error(url_, request_.credential, GIT_ERROR);
    }
    const libgit::Walk walk_owner(walk);
    if (git_packbuilder_new(&pack, origin->get()) != 0)
        return fetch_error(url_, request_.credential, GIT_ERROR);
    const libgit::PackBuilder pack_owner(pack);
    if (git_revwalk_push(walk, &id) != 0) return fetch_error(url_, request_.credential, GIT_ERROR);
    for (const MirrorRef& ref : refs_) {
        git_oid known;
        // Fails for tags of trees, which hide nothing.
        if (git_oid_fromstr(&known, ref.id.c_str()) == 0) git_revwalk_hide(walk, &known);
    }
    const std::string folder = mirror_ + "/objects/pack";
    if (git_packbuilder_insert_walk(pack, walk) != 0 ||
        git_packbuilder_write(pack, folder.c_str(), 0, nullptr, nullptr) != 0) {
        return fetch_error(url_, request_.credential, GIT_ERROR);
    }
    return Result<void>();
}

Result<std::string> Fetch::find() {
    if (request_.commit.empty()) return find_branch();
    if (has(request_.commit, true)) return request_.commit;
    // On no branch and no tag (a force-pushed branch, a pull request): many servers hand a commit
    // out when it is asked for by its id.
    if (!url_.remote()) {
        static_cast<void>(copy_commit());
    } else {
        const auto connection = connect();
        if (!connection) return connection.error();
        static_cast<void>(
            download(*connection, {request_.commit + ":refs/wanted/" + request_.commit}));
    }
    if (has(request_.commit, true)) return request_.commit;
    return Error(
        Errc::not_found,
        fmt::format(
            "no commit {} on any of the {} branches and tags, and the repository does not have it "
            "otherwise; was it pushed?",
            request_.commit, refs_.size()));
}

// In the mirror that there is; nothing when it has to be made anew.
std::optional<Result<std::string>> fetch_into_current(const FetchRequest& request,
                                                      const v1alpha1::GitUrl& url) {
    const auto mirror = current_mirror(request.mirror);
    if (!mirror || is_damaged(*mirror)) return std::nullopt;
    const auto repository = libgit::open_repository(*mirror);
    if (!repository) return std::nullopt;
    Fetch fetch(request, url, *mirror, repository->get());
    const auto updated = fetch.update();
    if (updated) return fetch.find();
    if (fetch.is_damaged()) return std::nullopt;
    return Result<std::string>(updated.error());
}

}    // namespace

Result<std::string> fetch_into_mirror(const FetchRequest& request, const v1alpha1::GitUrl& url,
                                      std::atomic<bool>& locked) {
    const auto lock = MirrorLock::acquire(request.mirror);
    if (!lock) return lock.error();
    locked = true;
    if (auto answer = fetch_into_current(request, url)) return std::move(*answer);
    const auto prepared = lock->prepare();
    if (!prepared) return prepared.error();
    Result<std::string> found = std::string();
    {
        const auto repository = libgit::open_repository(*prepared);
        if (!repository) return repository.error();
        Fetch fetch(request, url, *prepared, repository->get());
        if (const auto updated = fetch.update(); !updated) return updated.error();
        found = fetch.find();
    }
    // What it has is worth keeping, even if what was asked for is not in it.
    if (const auto adopted = lock->adopt(); !adopted) return adopted.error();
    return found;
}

}    // namespace trueup::source
