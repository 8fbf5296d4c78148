/** First questions about a repository, with names of nodes that matter in it where they are known. */
export function suggestedQuestions(repository: string, critical: readonly string[]): string[] {
  const [first, second] = critical;
  return [
    "What are the most critical nodes?",
    first ? `What would be affected if I change ${first}?` : `Tell me about ${repository}`,
    first ? `What calls ${first}?` : "What repositories exist?",
    first && second ? `How does ${second} connect to ${first}?` : "What packages exist?",
  ];
}
