# Two stages: one that builds, and one that holds the program, Node and the libraries that Node is linked with. No shell,
# no package manager, no file that the program could change. Tags are exact and not pinned by digest: digests are those
# of your registry, so add them where you build.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Packages come as they were published: none of them runs a script here.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run -s build && npm pack --silent --pack-destination /tmp
WORKDIR /app
RUN tar -xzf /tmp/external-secrets-apiserver-*.tgz --strip-components=1 \
 && cp /build/package-lock.json . \
 && npm ci --ignore-scripts --omit=dev \
 && rm package-lock.json
# What Node and the packages' native parts are linked with, at the paths where the loader looks.
RUN mkdir -p /image/usr/local/bin /image/etc \
 && cp /usr/local/bin/node /image/usr/local/bin/node \
 && find /usr/local/bin/node /app/node_modules -type f \( -name node -o -name '*.glibc.node' \) -exec ldd {} + \
  | sed -nE 's/.*(=> |^\s+)(\/[^ ]+) \(0x.*/\2/p' | sort -u | xargs -I{} cp -L --parents {} /image \
 && cp -r --parents /app /image \
 && echo 'external-secrets:x:65532:65532::/nonexistent:/nonexistent' > /image/etc/passwd \
 && echo 'hosts: files dns' > /image/etc/nsswitch.conf

FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /app
ENV NODE_ENV=production
EXPOSE 10250
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=8", "/app/dist/bundle/main.js"]
CMD ["serve", "--help"]
