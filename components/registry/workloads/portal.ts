import { asks, HarborWorkload, harborUser, named } from "../workload";

const configFile = "/etc/nginx/nginx.conf";

/** Portal: the web page (EF-007), served by nginx. */
export function portal({ image }: { image: string }): HarborWorkload {
  return {
    ...named("portal"),
    alias: "portal",
    image,
    user: harborUser,
    healthcheck: asks("http://127.0.0.1:8080/"),
    files: { [configFile]: { content: portalConfig } },
    isServed: true,
  };
}

/**
 * One worker, and everything it writes under `/tmp`. An unknown path is one of the page's own.
 * Source: `make/photon/prepare/templates/portal/nginx.conf.jinja` of goharbor/harbor 2.15.
 */
export const portalConfig = `worker_processes 1;
pid /tmp/nginx.pid;

events {
  worker_connections 256;
}

http {
  client_body_temp_path /tmp/client_body_temp;
  proxy_temp_path /tmp/proxy_temp;
  fastcgi_temp_path /tmp/fastcgi_temp;
  uwsgi_temp_path /tmp/uwsgi_temp;
  scgi_temp_path /tmp/scgi_temp;
  access_log off;
  error_log stderr warn;
  server_tokens off;

  server {
    listen 8080;
    server_name localhost;
    root /usr/share/nginx/html;
    index index.html index.htm;
    include /etc/nginx/mime.types;

    gzip on;
    gzip_min_length 1000;
    gzip_proxied expired no-cache no-store private auth;
    gzip_types text/plain text/css application/json application/javascript text/xml application/xml text/javascript;

    location /devcenter-api-2.0 {
      try_files $uri $uri/ /swagger-ui-index.html;
    }
    location / {
      try_files $uri $uri/ /index.html;
    }
    location = /index.html {
      add_header Cache-Control "no-store, no-cache, must-revalidate";
    }
  }
}
`;
