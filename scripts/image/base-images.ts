/** The arguments of services/Dockerfile that name its base images, as `NAME=IMAGE@DIGEST`, from the text of base-images.Dockerfile. */
export function baseImages(text: string): string[] {
  return [...text.matchAll(/^FROM (\S+) AS (\w+)$/gm)].map(([, image, name = '']) => `${name.toUpperCase()}=${image}`);
}
